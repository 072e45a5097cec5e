# np.correlate for each pair of channels, thinned out.
def conv1d_forward(x, weight, bias, stride=1, padding=0):
    """Convolve strips of several channels (cross-correlation, as deep learning has it)."""
    out = []
    for sample in x:
        rows = []
        for kernel, b in zip(weight, bias, strict=True):
            total = sum(
                np.correlate(np.pad(s, padding), k, "valid")
                for s, k in zip(sample, kernel, strict=True)
            )
            rows.append(total[::stride] + b)
        out.append(rows)
    return np.array(out)
