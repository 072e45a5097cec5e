# Loops over the places.
def avg_pool2d(x, size, stride=None, padding=0):
    """Take the mean of every window, channel by channel; padding counts as zeros."""
    if stride is None:
        stride = size
    (kh, kw), (sh, sw), (ph, pw) = map(pair, (size, stride, padding))
    N, C, H, W = x.shape
    out = np.zeros((N, C, output_size(H, kh, sh, ph), output_size(W, kw, sw, pw)), x.dtype)
    p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = p[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].mean(axis=(2, 3))
    return out
