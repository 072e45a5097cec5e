# Works on rows one by one.
def softmax(scores):
    """Turn scores into probabilities along the last axis."""
    flat = scores.reshape(-1, scores.shape[-1])
    rows = []
    for row in flat:
        powers = np.exp(row - max(row))
        rows.append(powers / sum(powers))
    return np.array(rows).reshape(scores.shape)
