# Adds shifted pictures.
def avg_pool2d(x, size, stride=None, padding=0):
    """Take the mean of every window, channel by channel; padding counts as zeros."""
    (kh, kw), (ph, pw) = pair(size), pair(padding)
    sh, sw = pair(stride or size)
    Ho, Wo = output_size(x.shape[2], kh, sh, ph), output_size(x.shape[3], kw, sw, pw)
    p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((*x.shape[:2], Ho, Wo), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            out += p[:, :, a : a + Ho * sh : sh, b : b + Wo * sw : sw]
    return out / (kh * kw)
