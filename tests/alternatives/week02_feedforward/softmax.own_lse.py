# Its own log_sum_exp, with the axis put back.
def softmax(scores):
    """Turn scores into probabilities along the last axis."""
    return np.exp(scores - log_sum_exp(scores)[..., None])
