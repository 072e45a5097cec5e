# as_strided.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    N, C, H, W = x.shape
    Ho, Wo = output_size(H, kh, sh, ph, dh), output_size(W, kw, sw, pw, dw)
    p = np.ascontiguousarray(np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw))))
    n, c, h, w = p.strides
    v = np.lib.stride_tricks.as_strided(
        p, (N, C, kh, kw, Ho, Wo), (n, c, h * dh, w * dw, h * sh, w * sw)
    )
    return v.reshape(N, C * kh * kw, Ho * Wo)
