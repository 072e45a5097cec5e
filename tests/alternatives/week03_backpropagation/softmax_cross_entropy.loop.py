# One sample at a time.
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
    losses, rows = [], []
    for row, target in zip(log_p, targets):
        wanted = np.arange(len(row)) == target if np.ndim(target) == 0 else target
        losses.append(-np.dot(wanted, row))
        rows.append((np.exp(row) - wanted) / len(scores))
    return float(np.mean(losses)), np.array(rows)
