# A helper makes the rows, np.mean the loss; the shapes tell labels from probabilities.
def to_rows(targets, classes):
    rows = np.zeros((len(targets), classes))
    for i, label in enumerate(targets):
        rows[i, label] = 1
    return rows


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
    if targets.shape != scores.shape:
        targets = to_rows(targets, scores.shape[1])
    losses = -np.sum(log_p * targets, axis=-1)
    gradient = np.exp(log_p)
    gradient -= targets
    gradient /= scores.shape[0]
    return [np.mean(losses), gradient]
