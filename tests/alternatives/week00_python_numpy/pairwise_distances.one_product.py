# One matrix product of widened rows: (a, |a|², 1) · (−2b, 1, |b|²).
def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b."""
    a, b = a.astype("float64"), b.astype("float64")
    left = np.column_stack([a, np.sum(a * a, axis=1), np.ones(len(a))])
    right = np.column_stack([-2 * b, np.ones(len(b)), np.sum(b * b, axis=1)])
    return np.maximum(left @ right.T, 0.0)
