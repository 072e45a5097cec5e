# A new sum at every tap, tensordot, transposed at the end.
def conv2d_taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve entry by entry of the kernel, without the im2col matrix."""
    F, C, kh, kw = weight.shape
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    Ho, Wo = output_size(x.shape[2], kh, sh, ph, dh), output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    total = 0
    for a in range(kh):
        for b in range(kw):
            block = padded[:, :, a * dh : a * dh + Ho * sh : sh, b * dw : b * dw + Wo * sw : sw]
            total = total + np.tensordot(weight[:, :, a, b], block, axes=(1, 1))
    total = total.transpose(1, 0, 2, 3)
    return total if bias is None else total + bias.reshape(-1, 1, 1)
