# One sample at a time.
def cross_entropy(scores, targets):
    """Cross-entropy of softmax probabilities, mean over the batch."""
    losses = np.zeros(len(scores), dtype=scores.dtype)
    for n, (row, target) in enumerate(zip(scores, targets)):
        log_p = row - np.logaddexp.reduce(row)
        losses[n] = -log_p[target] if targets.ndim == 1 else -(target * log_p).sum()
    return losses.mean()
