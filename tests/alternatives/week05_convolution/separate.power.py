# Power iteration, then the rest is measured.
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is."""
    row = kernel[np.abs(kernel).sum(axis=1).argmax()]
    for _ in range(300):
        column = kernel @ row
        column = column / np.linalg.norm(column)
        row = column @ kernel
    rest = np.linalg.norm(kernel - np.outer(column, row))
    if rest > 1e-8 * np.linalg.norm(row):
        raise ValueError("not separable")
    return column, row
