# Pictures one after the other, channels last in the product.
def conv2d_taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve entry by entry of the kernel, without the im2col matrix."""
    F, C, kh, kw = weight.shape
    s, p, d = pair(stride), pair(padding), pair(dilation)
    Ho = output_size(x.shape[2], kh, s[0], p[0], d[0])
    Wo = output_size(x.shape[3], kw, s[1], p[1], d[1])
    out = np.empty((len(x), F, Ho, Wo), x.dtype)
    for n in range(len(x)):
        frame = np.pad(x[n], ((0, 0), (p[0], p[0]), (p[1], p[1])))
        out[n] = 0 if bias is None else bias[:, None, None]
        for a in range(kh):
            for b in range(kw):
                block = frame[:, a * d[0] :: s[0], b * d[1] :: s[1]][:, :Ho, :Wo]
                out[n] += (weight[:, :, a, b] @ block.reshape(C, -1)).reshape(F, Ho, Wo)
    return out
