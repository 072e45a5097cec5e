# V itself, its first column.
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is."""
    U, sigma, Vt = np.linalg.svd(np.asarray(kernel, dtype=float))
    V = Vt.T
    relative = sigma / sigma.max()
    if np.count_nonzero(relative > 1e-8) > 1:
        raise ValueError("rank above 1")
    factor = np.sqrt(sigma[0])
    return (factor * U[:, 0]).flatten(), (factor * V[:, 0]).ravel()
