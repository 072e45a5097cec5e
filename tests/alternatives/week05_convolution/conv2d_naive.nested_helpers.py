# One helper for a group, called per group.
def conv2d_naive(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolve as the formula says (the kernel is not flipped)."""
    (sh, sw), (ph, pw), (dh, dw) = pair(stride), pair(padding), pair(dilation)
    if x.shape[1] / groups != weight.shape[1] or weight.shape[0] / groups % 1 != 0:
        raise ValueError("groups")
    padded = np.pad(x, [(0, 0), (0, 0), (ph, ph), (pw, pw)], mode="constant")

    def one(picture, kernels):
        _, kh, kw = kernels.shape
        rows = output_size(x.shape[2], kh, sh, ph, dh)
        columns = output_size(x.shape[3], kw, sw, pw, dw)
        return [
            [
                sum(
                    kernels[c, a, b] * picture[c, i * sh + a * dh, j * sw + b * dw]
                    for c in range(len(kernels))
                    for a in range(kh)
                    for b in range(kw)
                )
                for j in range(columns)
            ]
            for i in range(rows)
        ]

    out = []
    each = len(weight) // groups
    for picture in padded:
        parts = np.split(picture, groups)
        out.append([one(parts[f // each], weight[f]) for f in range(len(weight))])
    out = np.array(out, dtype=x.dtype)
    if bias is not None:
        out = out + bias[None, :, None, None].astype(x.dtype)
    return out
