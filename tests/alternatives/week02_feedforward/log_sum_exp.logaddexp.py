# Adds two at a time in the logarithm.
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis."""
    return np.logaddexp.reduce(scores, axis=-1)
