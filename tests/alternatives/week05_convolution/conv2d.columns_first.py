# Patches in rows, the transposed product.
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1):
    """Convolve by im2col and one matrix product (the kernel is not flipped)."""
    F, C, kh, kw = weight.shape
    if C != x.shape[1]:
        raise ValueError("channels")
    patches = im2col(x, (kh, kw), stride, padding, dilation).transpose(0, 2, 1)
    z = patches @ weight.reshape(F, C * kh * kw).T
    if bias is not None:
        z = z + bias
    Ho = output_size(x.shape[2], kh, pair(stride)[0], pair(padding)[0], pair(dilation)[0])
    return z.transpose(0, 2, 1).reshape(len(x), F, Ho, z.shape[1] // Ho)
