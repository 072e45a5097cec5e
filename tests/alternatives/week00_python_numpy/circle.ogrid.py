# With ogrid, whose first output counts the rows, and hypot.
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask."""
    row, column = np.ogrid[:resolution, :resolution]
    return np.hypot(column - centre[0], row - centre[1]) <= radius
