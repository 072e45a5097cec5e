# One-hot winners times slopes, then col2im of every channel.
def max_pool2d_backward(upstream, x, size, stride=None, padding=0):
    """Send each slope back to the first maximum of its window."""
    step = size if stride is None else stride
    N, C, H, W = x.shape
    p = np.pad(
        x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), constant_values=np.finfo(float).min
    )
    flat = p.reshape(N * C, 1, *p.shape[2:])
    windows = im2col(flat, (size, size), step)
    hot = np.eye(size * size)[windows.argmax(axis=1)].swapaxes(1, 2)
    back = col2im(hot * upstream.reshape(N * C, 1, -1), flat.shape, (size, size), step)
    return back.reshape(p.shape)[:, :, padding : padding + H, padding : padding + W]
