# A boolean mask picks the labels' entries; a dot product for soft targets.
def cross_entropy(scores, targets):
    """Cross-entropy of softmax probabilities, mean over the batch."""
    N, C = scores.shape
    log_p = scores - log_sum_exp(scores).reshape(N, 1)
    if targets.ndim == 1:
        return np.mean(-log_p[np.arange(C) == targets[:, None]])
    return np.negative(np.sum([t @ row for t, row in zip(targets, log_p)]) / N)
