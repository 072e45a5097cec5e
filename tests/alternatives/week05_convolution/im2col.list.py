# A list of rows, stacked.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    Ho = output_size(x.shape[2], kh, sh, ph, dh)
    Wo = output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows = []
    for c in range(x.shape[1]):
        for a in range(kh):
            for b in range(kw):
                grid = padded[:, c, a * dh : a * dh + Ho * sh : sh, b * dw : b * dw + Wo * sw : sw]
                rows.append(grid.reshape(len(x), -1))
    return np.stack(rows, axis=1)
