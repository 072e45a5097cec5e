# lse minus the score of the target, by take_along_axis or a weighted sum.
def cross_entropy(scores, targets):
    """Cross-entropy of softmax probabilities, mean over the batch."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1))
    if targets.ndim == 2:
        return np.mean(total * targets.sum(axis=-1) - np.einsum("nc,nc->n", targets, shifted))
    own = np.take_along_axis(shifted, targets[:, None], axis=1)[:, 0]
    return np.mean(total - own)
