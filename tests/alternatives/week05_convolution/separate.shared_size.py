# Shares the singular value evenly, with the thin decomposition.
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is."""
    u, s, v = np.linalg.svd(kernel, full_matrices=False)
    if len(s) > 1 and s[1] / s[0] > 1e-8:
        raise ValueError("the kernel is not separable")
    root = np.sqrt(s[0])
    return root * u[:, 0], root * v[0, :]
