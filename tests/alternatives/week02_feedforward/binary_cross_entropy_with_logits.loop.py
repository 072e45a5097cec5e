# One element at a time with the math module.
def binary_cross_entropy_with_logits(scores, targets):
    """Cross-entropy of sigmoid probabilities, mean over all elements."""
    losses = []
    for z, y in zip(scores.ravel().tolist(), targets.ravel().tolist()):
        rest = math.log1p(math.exp(-abs(z)))
        losses.append((1 - y) * max(z, 0.0) + y * max(-z, 0.0) + rest)
    return np.array(losses, dtype=np.result_type(scores, targets)).mean()
