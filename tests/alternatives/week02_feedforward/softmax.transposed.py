# Turned round, so that broadcasting needs no keepdims.
def softmax(scores):
    """Turn scores into probabilities along the last axis."""
    turned = scores.T - np.max(scores, axis=-1).T
    e = np.exp(turned)
    return (e / e.sum(axis=0)).T
