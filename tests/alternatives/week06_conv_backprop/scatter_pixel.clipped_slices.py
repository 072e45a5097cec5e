# Cuts window and kernel to what lies inside.
def scatter_pixel(g, weight, place, size, stride=1, padding=0):
    """Send the gradient of one output pixel of a 1-D convolution back to the inputs it read."""
    dx = np.zeros((size,), dtype=np.float64)
    start = place * stride - padding
    first, last = max(start, 0), min(start + weight.size, size)
    if first < last:
        dx[first:last] = np.multiply(weight[first - start : last - start], g)
    return dx
