# np.take with flat indices into the padded picture.
def im2col(x, kernel_size, stride=1, padding=0, dilation=1):
    """Copy the patch under the kernel at every place into a column."""
    kh, kw = pair(kernel_size)
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    N, C, H, W = x.shape
    Ho, Wo = output_size(H, kh, sh, ph, dh), output_size(W, kw, sw, pw, dw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    wide = padded.shape[3]
    start = (np.arange(Ho)[:, None] * sh * wide + np.arange(Wo) * sw).ravel()
    offset = (np.arange(kh)[:, None] * dh * wide + np.arange(kw) * dw).ravel()
    index = offset[:, None] + start
    return padded.reshape(N, C, -1)[:, :, index].reshape(N, -1, Ho * Wo)
