# The four cases by masks.
def hat(x, left, centre, right):
    """Triangle."""
    h = np.zeros(x.shape)
    rising, falling = (x > left) & (x <= centre), (x > centre) & (x < right)
    h[rising] = (x[rising] - left) / (centre - left)
    h[falling] = (right - x[falling]) / (right - centre)
    return h
