# Norms squared again, tensordot, the clip by a method.
def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b."""
    a, b = 1.0 * a.astype(float), 1.0 * b.astype(float)
    column = np.linalg.norm(a, axis=1).reshape(len(a), 1) ** 2
    row = np.linalg.norm(b, axis=1).reshape(1, len(b)) ** 2
    products = np.tensordot(a, b, axes=([1], [1]))
    return (column + row - products - products).clip(min=0)
