# Seven loops over single numbers, and a test in place of padding.
def conv2d_naive(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve as the formula says."""
    samples, channels, height, width = x.shape
    filters, depth, kh, kw = weight.shape
    if channels != groups * depth:
        raise ValueError("channels and weights don't fit")
    if filters % groups != 0:
        raise ValueError("the groups don't divide the filters")
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    rows = output_size(height, kh, sh, ph, dh)
    columns = output_size(width, kw, sw, pw, dw)
    out = np.zeros((samples, filters, rows, columns), dtype=x.dtype)
    for n in range(samples):
        for f in range(filters):
            group = f // (filters // groups)
            for i in range(rows):
                for j in range(columns):
                    total = 0.0 if bias is None else bias[f]
                    for c in range(depth):
                        for a in range(kh):
                            for b in range(kw):
                                y, z = i * sh + a * dh - ph, j * sw + b * dw - pw
                                if 0 <= y < height and 0 <= z < width:
                                    total += weight[f, c, a, b] * x[n, group * depth + c, y, z]
                    out[n, f, i, j] = total
    return out
