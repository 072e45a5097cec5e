# Integer labels become rows of the identity; everything else is one formula.
def cross_entropy(scores, targets):
    """Cross-entropy of softmax probabilities, mean over the batch."""
    if targets.ndim == 1:
        targets = np.eye(scores.shape[1], dtype=scores.dtype)[targets]
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.sum(targets * log_p) / np.asarray(len(scores), dtype=log_p.dtype)
