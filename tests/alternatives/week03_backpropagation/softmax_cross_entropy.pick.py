# Integer labels pick their entries; soft targets have a branch of their own.
def softmax_cross_entropy(scores, targets):
    """Softmax and cross-entropy in one, averaged over the batch, with the gradient.

    Args:
        scores: float array of shape (N, C), any finite numbers. Not modified.
        targets: integer labels of shape (N,), or probabilities of shape (N, C), rows adding to 1.

    Returns:
        loss: one number.
        gradient: slopes of the loss with respect to the scores, array of shape (N, C).
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    count = len(scores)
    gradient = np.exp(log_p)
    if targets.ndim == 1:
        rows = np.arange(count)
        loss = -log_p[rows, targets].mean()
        gradient[rows, targets] -= 1.0
    else:
        loss = -np.sum(targets * log_p, axis=1).mean()
        gradient -= targets
    return loss, gradient / count
