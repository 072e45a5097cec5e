# Keeps the last axis to the end and drops it then.
def log_sum_exp(scores):
    """Logarithm of the sum of exponentials along the last axis."""
    top = np.amax(scores, axis=-1, keepdims=True)
    result = top + np.log(np.sum(np.exp(scores - top), axis=-1, keepdims=True))
    return np.squeeze(result, axis=-1)
