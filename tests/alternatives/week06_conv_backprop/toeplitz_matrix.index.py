# Every entry's weight by its index.
def toeplitz_matrix(weight, size, stride=1, padding=0):
    """Write a 1-D convolution of one channel as a matrix."""
    K = len(weight)
    T_out = (size + 2 * padding - K) // stride + 1
    k = np.arange(size)[None, :] + padding - stride * np.arange(T_out)[:, None]
    return np.where((k >= 0) & (k < K), np.asarray(weight)[np.clip(k, 0, K - 1)], 0.0)
