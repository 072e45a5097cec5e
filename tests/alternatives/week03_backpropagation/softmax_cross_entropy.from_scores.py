# The gradient from a softmax of its own, the loss as log-sum-exp minus the score.
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
    exponentials = np.exp(shifted)
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    if targets.ndim == 1:
        rows = range(len(targets))
        loss = np.mean([-log_p[i, int(targets[i])] for i in rows])
        t = np.zeros_like(p)
        np.put_along_axis(t, targets.astype(int)[:, None], 1.0, axis=1)
    else:
        t = targets
        loss = np.mean(-np.diag(t @ log_p.T))
    return float(loss), np.divide(p - t, p.shape[0])
