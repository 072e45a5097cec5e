# A sliding-window view, thinned out, and a maximum over its last axes.
def max_pool2d(x, size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel."""
    sh, sw = pair(stride if stride is not None else size)
    ph, pw = pair(padding)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)
    view = np.lib.stride_tricks.sliding_window_view(padded, pair(size), axis=(2, 3))
    return view[:, :, ::sh, ::sw].max(axis=(4, 5))
