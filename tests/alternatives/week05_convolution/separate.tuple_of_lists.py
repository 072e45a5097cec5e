# The size on the row; plain lists.
def separate(kernel):
    """Split a kernel into a column and a row whose outer product it is."""
    u, s, vt = np.linalg.svd(kernel, full_matrices=False)
    if s.size > 1 and s[1] > s[0] * 1e-8:
        raise ValueError("not separable")
    return [u[:, 0].tolist(), (s[0] * vt[0]).tolist()]
