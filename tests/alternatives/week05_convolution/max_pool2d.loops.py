# Loops over the places; windows are cut off at the border, nothing is padded.
def max_pool2d(x, size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel."""
    (kh, kw), (ph, pw) = pair(size), pair(padding)
    sh, sw = (kh, kw) if stride is None else pair(stride)
    rows = output_size(x.shape[2], kh, sh, ph)
    columns = output_size(x.shape[3], kw, sw, pw)
    out = np.empty((*x.shape[:2], rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * sh - ph, j * sw - pw
            window = x[:, :, max(top, 0) : top + kh, max(left, 0) : left + kw]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out
