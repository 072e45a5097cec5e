# Loop over places only.
def conv2d_naive(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve as the formula says (the kernel is not flipped)."""
    n, c, height, width = x.shape
    f, depth, kh, kw = weight.shape
    if c != depth * groups:
        raise ValueError("channels")
    if f % groups > 0:
        raise ValueError("filters")
    s, p, d = pair(stride), pair(padding), pair(dilation)
    h_out = output_size(height, kh, s[0], p[0], d[0])
    w_out = output_size(width, kw, s[1], p[1], d[1])
    frame = np.zeros((n, c, height + 2 * p[0], width + 2 * p[1]), x.dtype)
    frame[:, :, p[0] : p[0] + height, p[1] : p[1] + width] = x
    result = np.zeros((n, groups, f // groups, h_out, w_out), dtype=x.dtype)
    kernels = weight.reshape(groups, f // groups, depth, kh, kw)
    for i in range(h_out):
        for j in range(w_out):
            rows = i * s[0] + d[0] * np.arange(kh)
            columns = j * s[1] + d[1] * np.arange(kw)
            patch = frame[:, :, rows[:, None], columns].reshape(n, groups, depth, kh, kw)
            result[..., i, j] = np.einsum("ngcab,gfcab->ngf", patch, kernels)
    result = result.reshape(n, f, h_out, w_out)
    if bias is None:
        return result
    return (result + bias.reshape(-1, 1, 1)).astype(x.dtype)
