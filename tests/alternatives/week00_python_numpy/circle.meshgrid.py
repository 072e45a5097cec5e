# With meshgrid and the distance itself instead of its square.
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask."""
    x, y = np.meshgrid(np.arange(resolution), np.arange(resolution))
    return np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2) <= radius
