# The four corner colours blended, as in bilinear interpolation.
def colour_spectrum(resolution):
    """Draw a square of blending colours."""
    right = np.linspace(0, 1, resolution)[None, :, None]
    down = np.linspace(0, 1, resolution)[:, None, None]
    top = (1 - right) * np.array([0.0, 0.0, 1.0]) + right * np.array([1.0, 0.0, 0.0])
    bottom = (1 - right) * np.array([0.0, 1.0, 1.0]) + right * np.array([1.0, 1.0, 0.0])
    return (1 - down) * top + down * bottom
