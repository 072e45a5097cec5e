# Two lines of squares added by an outer sum; the comparison by a function.
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask."""
    column, row = centre
    across = np.square(np.arange(resolution) - column)
    down = np.square(np.arange(resolution) - row)
    return np.less_equal(np.add.outer(down, across), radius**2)
