# All pictures' columns side by side, by a transposition.
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve by im2col and one matrix product (the kernel is not flipped)."""
    F, _, kh, kw = weight.shape
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    cols = im2col(x, (kh, kw), (sh, sw), (ph, pw), (dh, dw))
    N, K, L = cols.shape
    wide = cols.transpose(1, 0, 2).reshape(K, N * L)
    out = weight.reshape(F, -1).dot(wide)
    if bias is not None:
        out = out + bias[:, np.newaxis]
    out = out.reshape(F, N, output_size(x.shape[2], kh, sh, ph, dh), -1)
    return out.swapaxes(0, 1)
