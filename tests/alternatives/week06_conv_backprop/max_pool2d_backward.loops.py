# One window at a time, with a comparison for every pixel.
def max_pool2d_backward(upstream, x, size, stride=None, padding=0):
    """Send each slope back to the first maximum of its window.

    Args:
        upstream: slopes with respect to the output, (N, C, H_out, W_out). Not modified.
        x: input of the forward pass, float array of shape (N, C, H, W). Not modified.
        size: windows are size × size.
        stride: step of the windows; None means `size`.
        padding: rows and columns of −∞ on each side, at most size // 2.

    Returns:
        float64 array of the shape of x.
    """
    step = stride or size
    dx = np.zeros(x.shape)
    height, width = x.shape[2:]
    for n, c, i, j in np.ndindex(upstream.shape):
        best, place = -np.inf, None
        for row in range(i * step - padding, i * step - padding + size):
            for column in range(j * step - padding, j * step - padding + size):
                exists = 0 <= row < height and 0 <= column < width
                if exists and x[n, c, row, column] > best:
                    best, place = x[n, c, row, column], (n, c, row, column)
        dx[place] += upstream[n, c, i, j]
    return dx
