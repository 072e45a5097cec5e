# Skips negative places, catches the others.
def scatter_pixel(g, weight, place, size, stride=1, padding=0):
    """Send the gradient of one output pixel of a 1-D convolution back to the inputs it read."""
    dx = np.zeros(size)
    for k, w in enumerate(weight):
        i = place * stride + k - padding
        if i < 0:
            continue
        try:
            dx[i] += g * w
        except IndexError:
            break
    return dx
