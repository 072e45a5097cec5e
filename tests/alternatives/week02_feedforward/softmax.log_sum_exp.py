# The exponential of the logarithm of the softmax, on its own.
def softmax(scores):
    """Turn scores into probabilities along the last axis."""
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
