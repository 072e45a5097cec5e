# Views of one ramp, stretched and then made real by concatenate.
def colour_spectrum(resolution):
    """Draw a square of blending colours."""
    size = (resolution, resolution, 1)
    ramp = np.linspace(0.0, 1.0, num=resolution)
    red = np.broadcast_to(ramp.reshape(1, -1, 1), size)
    green = np.broadcast_to(ramp.reshape(-1, 1, 1), size)
    return np.concatenate((red, green, 1.0 - red), axis=2)
