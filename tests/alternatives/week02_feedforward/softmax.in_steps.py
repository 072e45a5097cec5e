# In place, but on an array of its own.
def softmax(scores):
    """Turn scores into probabilities along the last axis."""
    p = np.array(scores)
    p -= p.max(axis=-1, keepdims=True)
    np.exp(p, out=p)
    p /= np.expand_dims(p.sum(axis=-1), -1)
    return p
