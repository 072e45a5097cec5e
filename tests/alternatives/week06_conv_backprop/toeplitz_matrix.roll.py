# Rolls a long row.
def toeplitz_matrix(weight, size, stride=1, padding=0):
    """Write a 1-D convolution of one channel as a matrix."""
    total = size + 2 * padding
    row = np.concatenate([weight, np.zeros(total - len(weight))])
    rows = [np.roll(row, shift) for shift in range(0, total - len(weight) + 1, stride)]
    return np.vstack(rows)[:, padding : total - padding]
