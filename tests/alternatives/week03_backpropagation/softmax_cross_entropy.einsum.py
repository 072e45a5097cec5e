# One-hot by comparison with the class numbers; the loss by einsum.
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
    n, classes = scores.shape
    t = targets
    if np.ndim(t) == 1:
        t = (t[:, np.newaxis] == np.arange(classes)).astype(float)
    loss = -np.einsum("nc,nc->", t, log_p) / n
    p = np.exp(log_p)
    return np.float64(loss), (p - t) / n
