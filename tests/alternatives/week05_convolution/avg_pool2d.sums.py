# Adds shifted, thinned-out pictures, and divides at the end.
def avg_pool2d(x, size, stride=None, padding=0):
    """Take the mean of every window, channel by channel."""
    (kh, kw), (ph, pw) = pair(size), pair(padding)
    sh, sw = pair(size) if stride is None else pair(stride)
    rows = output_size(x.shape[2], kh, sh, ph)
    columns = output_size(x.shape[3], kw, sw, pw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    total = 0
    for a in range(kh):
        for b in range(kw):
            total = total + padded[:, :, a::sh, b::sw][:, :, :rows, :columns]
    return total / (kh * kw)
