# One over the sum of exponentials of differences, capped where they count no more.
def softmax(scores):
    """Turn scores into probabilities along the last axis."""
    top = np.max(scores, axis=-1)[..., None]
    weights = np.exp(np.maximum(scores - top, -80 if scores.dtype == np.float32 else -700))
    return np.divide(weights, np.sum(weights, axis=-1)[..., None])
