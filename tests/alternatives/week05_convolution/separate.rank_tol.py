# NumPy's rank with the limit that was asked for.
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is."""
    u, s, v = np.linalg.svd(kernel)
    if np.linalg.matrix_rank(kernel, tol=1e-8 * s[0]) != 1:
        raise ValueError("rank")
    return -u[:, 0], -v[0, :] * s[0]
