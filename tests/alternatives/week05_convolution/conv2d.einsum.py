# einsum in place of the matrix product, the bias added at the end.
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve by im2col."""
    filters, channels, kh, kw = weight.shape
    if x.shape[1] != channels:
        raise ValueError("the channels don't fit")
    columns = im2col(x, weight.shape[2:], stride, padding, dilation)
    out = np.einsum("fk,nkl->nfl", weight.reshape(filters, -1), columns)
    rows = output_size(x.shape[2], kh, pair(stride)[0], pair(padding)[0], pair(dilation)[0])
    width = output_size(x.shape[3], kw, pair(stride)[1], pair(padding)[1], pair(dilation)[1])
    out = out.reshape(x.shape[0], filters, rows, width)
    return out if bias is None else out + bias.reshape(1, filters, 1, 1)
