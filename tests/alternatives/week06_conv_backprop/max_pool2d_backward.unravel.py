# unravel_index, one window at a time, cut at the border.
def max_pool2d_backward(upstream, x, size, stride=None, padding=0):
    """Send each slope back to the first maximum of its window."""
    s = stride or size
    dx = np.zeros_like(x, dtype=np.float64)
    for n in range(upstream.shape[0]):
        for c in range(upstream.shape[1]):
            for i in range(upstream.shape[2]):
                for j in range(upstream.shape[3]):
                    top, left = max(i * s - padding, 0), max(j * s - padding, 0)
                    window = x[n, c, top : i * s - padding + size, left : j * s - padding + size]
                    a, b = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, top + a, left + b] += upstream[n, c, i, j]
    return dx
