# All windows at once, and np.add.at for those that overlap.
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
    step = size if stride is None else stride
    height, width = x.shape[2:]
    edge = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))
    windows = windows[:, :, ::step, ::step]
    winner = windows.reshape(*windows.shape[:4], -1).argmax(axis=4)
    n, c, i, j = np.indices(winner.shape)
    dx = np.zeros(padded.shape)
    np.add.at(dx, (n, c, i * step + winner // size, j * step + winner % size), upstream)
    return dx[:, :, padding : padding + height, padding : padding + width]
