# The absolute value also takes the sign off what rounding left; matmul.
def pairwise_distances(a, b):
    """Compute the squared Euclidean distance of every row of a to every row of b."""
    first, second = np.float64(a), np.float64(b)
    aa = np.einsum("ij,ij->i", first, first)
    bb = np.einsum("ij,ij->i", second, second)
    return np.abs(aa.reshape(-1, 1) - 2 * np.matmul(first, second.transpose()) + bb)
