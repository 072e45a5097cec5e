# The straight part by np.where, then the rest.
def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements."""
    size = np.abs(scores)
    straight = np.where(scores > 0, (1 - targets) * size, targets * size)
    return np.average(straight + np.log1p(np.exp(-size)))
