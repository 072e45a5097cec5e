# The three channels are made by meshgrid and stacked along a new last axis.
def colour_spectrum(resolution):
    """Draw a square of blending colours."""
    red, green = np.meshgrid(np.linspace(0, 1, resolution), np.linspace(0, 1, resolution))
    return np.stack([red, green, 1 - red], axis=-1)
