# A softplus of its own, for both signs.
def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements."""
    return (targets * softplus(-scores) + (1 - targets) * softplus(scores)).mean()
