# Positions as complex numbers; the distance is an absolute value.
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask."""
    line = np.arange(resolution, dtype=float)
    plane = line + 1j * line[:, np.newaxis]
    middle = complex(*centre)
    return ~(np.abs(plane - middle) > radius)
