# First along rows, then along columns.
def max_pool2d(x, size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel."""
    (kh, kw), (ph, pw) = pair(size), pair(padding)
    sh, sw = pair(size) if stride is None else pair(stride)
    Ho, Wo = output_size(x.shape[2], kh, sh, ph), output_size(x.shape[3], kw, sw, pw)
    p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)
    p = np.stack([p[:, :, i * sh : i * sh + kh].max(axis=2) for i in range(Ho)], axis=2)
    return np.stack([p[..., j * sw : j * sw + kw].max(axis=-1) for j in range(Wo)], axis=-1)
