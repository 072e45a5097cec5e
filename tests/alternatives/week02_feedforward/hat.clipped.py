# The difference of two clipped ramps.
def hat(x, left, centre, right):
    """Triangle."""
    up = np.clip((x - left) / (centre - left), 0, 1)
    down = np.clip((x - centre) / (right - centre), 0, 1)
    return up - down
