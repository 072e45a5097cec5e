# Row and column numbers of every entry, then one indexing.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(x.shape[2], kh, sh, ph, dh)
    columns = output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    i = np.arange(kh)[:, None] * dh + np.arange(rows) * sh
    j = np.arange(kw)[:, None] * dw + np.arange(columns) * sw
    taken = padded[:, :, i[:, None, :, None], j[None, :, None, :]]
    return taken.reshape(len(x), x.shape[1] * kh * kw, rows * columns)
