# The smaller of two lines, clipped at 0: two kinks made by a minimum.
def hat(x, left, centre, right):
    """Triangle."""
    return np.maximum(0, np.minimum((x - left) / (centre - left), (right - x) / (right - centre)))
