# Each sign by its own formula, filled in by masks.
def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements."""
    losses, up = np.zeros_like(scores), scores > 0
    z, y = scores[up], targets[up]
    losses[up] = (1 - y) * z + np.log1p(np.exp(-z))
    z, y = scores[~up], targets[~up]
    losses[~up] = np.log1p(np.exp(z)) - y * z
    return losses.sum() / losses.size
