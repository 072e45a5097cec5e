# An outer sum of the squares; inner products; negatives replaced by where.
def squares(rows):
    """Squared length of each row."""
    return np.sum(np.square(rows), axis=-1)


def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b."""
    p = np.asarray(a, dtype=np.double)
    q = np.asarray(b, dtype=np.double)
    raw = np.add.outer(squares(p), squares(q)) - 2.0 * np.inner(p, q)
    return np.where(raw > 0, raw, 0.0)
