# The maximum without its axis, put back by np.newaxis; einsum sums.
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis."""
    m = scores.max(-1)
    return m + np.log(np.einsum("...c->...", np.exp(scores - m[..., np.newaxis])))
