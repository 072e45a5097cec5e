# Both sets are shifted by the same mean first, which loses fewer digits; in place on own arrays.
def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b."""
    centre = b.mean(axis=0, dtype=np.float64)
    a, b = a - centre, b - centre
    result = np.einsum("nd,md->nm", a, b)
    result *= -2
    result += np.square(a).sum(axis=1)[:, np.newaxis]
    result += np.square(b).sum(axis=1)
    result[result < 0] = 0
    return result
