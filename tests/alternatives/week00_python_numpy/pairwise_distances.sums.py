# Sums with keepdims instead of einsum, clip instead of maximum.
def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b."""
    a = np.array(a, dtype=float)
    b = np.array(b, dtype=float)
    aa = (a**2).sum(axis=1, keepdims=True)
    bb = (b**2).sum(axis=1, keepdims=True)
    return np.clip(aa + bb.T - 2 * np.dot(a, b.T), 0, None)
