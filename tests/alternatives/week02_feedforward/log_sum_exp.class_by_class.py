# A running maximum and a running sum, one class after the other.
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis."""
    m, total = scores[..., 0], np.ones(scores.shape[:-1], dtype=scores.dtype)
    for c in range(1, scores.shape[-1]):
        new = np.maximum(m, scores[..., c])
        total = total * np.exp(m - new) + np.exp(scores[..., c] - new)
        m = new
    return np.log(total) + m
