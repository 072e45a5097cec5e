# Row by row with np.convolve.
def convolve(picture, kernel):
    """Convolve in the mathematicians' sense, in full size (the kernel is flipped)."""
    rows = [
        np.zeros(picture.shape[1] + kernel.shape[1] - 1)
        for _ in range(picture.shape[0] + kernel.shape[0] - 1)
    ]
    for i, line in enumerate(picture):
        for a, weights in enumerate(kernel):
            rows[i + a] = rows[i + a] + np.convolve(line, weights)
    return np.stack(rows)
