# A grid that already runs from 0 to 1; broadcast channels joined by dstack.
def colour_spectrum(resolution):
    """Draw a square of blending colours."""
    green, red = np.mgrid[0 : 1 : resolution * 1j, 0 : 1 : resolution * 1j]
    return np.dstack((red, green, red[:, ::-1]))
