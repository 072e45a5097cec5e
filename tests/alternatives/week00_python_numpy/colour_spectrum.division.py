# Ramps by division; blue by a ramp that runs backwards; channels first, then moved.
def colour_spectrum(resolution):
    """Draw a square of blending colours."""
    steps = np.arange(resolution) / (resolution - 1)
    image = np.empty((3, resolution, resolution))
    image[0] = steps
    image[1] = steps.reshape(-1, 1)
    image[2] = steps[::-1]
    return np.moveaxis(image, 0, -1)
