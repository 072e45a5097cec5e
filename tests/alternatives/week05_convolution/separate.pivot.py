# The column and row through the largest entry; then a look at what is left over.
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is."""
    i, j = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
    column, row = kernel[:, j].copy(), kernel[i] / kernel[i, j]
    rest = np.abs(kernel - np.outer(column, row)).max()
    if rest > 1e-8 * np.abs(kernel).max():
        raise ValueError("the kernel is not separable")
    return column, row
