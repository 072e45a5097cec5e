# np.inner over the rows of both.
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve by im2col and one matrix product (the kernel is not flipped)."""
    F, C, kh, kw = weight.shape
    cols = np.swapaxes(im2col(x, (kh, kw), stride, padding, dilation), 1, 2)
    z = np.moveaxis(np.inner(cols, weight.reshape(F, -1)), -1, 1)
    if bias is not None:
        z += np.expand_dims(bias, (0, 2))
    h = output_size(x.shape[2], kh, *[pair(o)[0] for o in (stride, padding, dilation)])
    w = output_size(x.shape[3], kw, *[pair(o)[1] for o in (stride, padding, dilation)])
    return z.reshape(x.shape[0], F, h, w)
