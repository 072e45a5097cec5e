# Splits channels and filters by group; a tensor product over each patch.
def conv2d_naive(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve as the formula says."""
    filters, depth, kh, kw = weight.shape
    if x.shape[1] != groups * depth or filters != groups * (filters // groups):
        raise ValueError("channels, filters and groups don't fit")
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(x.shape[2], kh, sh, ph, dh)
    columns = output_size(x.shape[3], kw, sw, pw, dw)
    size = (x.shape[0], x.shape[1], x.shape[2] + 2 * ph, x.shape[3] + 2 * pw)
    padded = np.zeros(size, dtype=x.dtype)
    padded[:, :, ph : size[2] - ph, pw : size[3] - pw] = x
    parts = []
    for pictures, kernels in zip(
        np.split(padded, groups, axis=1), np.split(weight, groups), strict=True
    ):
        part = np.empty((len(x), len(kernels), rows, columns), dtype=x.dtype)
        for i in range(rows):
            for j in range(columns):
                patch = pictures[:, :, i * sh :, j * sw :][:, :, ::dh, ::dw][:, :, :kh, :kw]
                part[:, :, i, j] = np.einsum("ncab,fcab->nf", patch, kernels)
        parts.append(part)
    out = np.concatenate(parts, axis=1)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)
