# The largest term is 1; the others are added by log1p.
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis."""
    ordered = np.sort(scores, axis=-1)
    others = np.exp(ordered[..., :-1] - ordered[..., -1:]).sum(axis=-1)
    return ordered[..., -1] + np.log1p(others)
