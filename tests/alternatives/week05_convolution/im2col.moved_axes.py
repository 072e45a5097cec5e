# Fills (N, H', W', C, kh, kw) place by place, then moves axes.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    Ho = output_size(x.shape[2], kh, sh, ph, dh)
    Wo = output_size(x.shape[3], kw, sw, pw, dw)
    p = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((len(x), Ho, Wo, x.shape[1], kh, kw), dtype=x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            out[:, i, j] = p[
                :,
                :,
                i * sh : i * sh + (kh - 1) * dh + 1 : dh,
                j * sw : j * sw + (kw - 1) * dw + 1 : dw,
            ]
    return np.moveaxis(out, (1, 2), (-2, -1)).reshape(len(x), x.shape[1] * kh * kw, Ho * Wo)
