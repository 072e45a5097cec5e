# Each tap as a 1 by 1 convolution of conv2d.
def conv2d_taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve entry by entry of the kernel, without the im2col matrix."""
    F, C, kh, kw = weight.shape
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    Ho, Wo = output_size(x.shape[2], kh, sh, ph, dh), output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    total = np.zeros((len(x), F, Ho, Wo), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            block = padded[:, :, a * dh :, b * dw :]
            total += conv2d(block, weight[:, :, a : a + 1, b : b + 1], stride=stride)[
                :, :, :Ho, :Wo
            ]
    if bias is not None:
        total += bias[None, :, None, None]
    return total
