# Place by place of the window; a mask says which slopes are still to be given.
def max_pool2d_backward(upstream, x, size, stride=None, padding=0):
    """Send each slope back to the first maximum of its window."""
    step = size if stride is None else stride
    H, W = x.shape[2:]
    Ho, Wo = upstream.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), constant_values=-np.inf)
    top = max_pool2d(x, size, stride, padding)
    dx, open_ = np.zeros(padded.shape), np.ones(upstream.shape, dtype=bool)
    for a in range(size):
        for b in range(size):
            grid = np.s_[:, :, a : a + step * Ho : step, b : b + step * Wo : step]
            wins = open_ & (padded[grid] == top)
            dx[grid] += np.where(wins, upstream, 0.0)
            open_ &= ~wins
    return dx[:, :, padding : H + padding, padding : W + padding]
