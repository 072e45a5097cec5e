# The student's own rectifier; both branches by np.where, overflow silenced.
def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements."""
    with np.errstate(over="ignore"):
        rest = np.where(scores > 0, np.log1p(np.exp(-scores)), np.log1p(np.exp(scores)))
    return np.mean((ReLU().forward(scores) - scores * targets) + rest)
