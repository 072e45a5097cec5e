# Weighs the logarithms of both probabilities, each by logaddexp.
def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements."""
    yes, no = np.logaddexp(0, -scores), np.logaddexp(0, scores)
    return np.mean(targets * yes + (1 - targets) * no)
