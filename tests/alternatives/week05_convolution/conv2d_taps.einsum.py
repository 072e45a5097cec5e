# einsum over the channels of each tap; the result begins as the bias.
def conv2d_taps(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve entry by entry of the kernel."""
    filters, _, kh, kw = weight.shape
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(x.shape[2], kh, sh, ph, dh)
    columns = output_size(x.shape[3], kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((len(x), filters, rows, columns), dtype=x.dtype)
    if bias is not None:
        out += bias.reshape(1, -1, 1, 1)
    for a in range(kh):
        for b in range(kw):
            block = padded[:, :, a * dh :: sh, b * dw :: sw][:, :, :rows, :columns]
            out += np.einsum("fc,nchw->nfhw", weight[:, :, a, b], block)
    return out
