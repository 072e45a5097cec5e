# The smallest number of the dtype for -inf.
def max_pool2d(x, size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel."""
    (kh, kw), (ph, pw) = pair(size), pair(padding)
    sh, sw = pair(size if stride is None else stride)
    Ho, Wo = output_size(x.shape[2], kh, sh, ph), output_size(x.shape[3], kw, sw, pw)
    low = np.finfo(x.dtype).min
    p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=low)
    cols = im2col(p.reshape(-1, 1, *p.shape[2:]), (kh, kw), (sh, sw))
    return np.amax(cols, axis=1).reshape(x.shape[0], x.shape[1], Ho, Wo)
