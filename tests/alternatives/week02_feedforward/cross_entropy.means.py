# The mean log-sum-exp less the mean score of the targets.
def cross_entropy(scores, targets):
    """Cross-entropy of softmax probabilities, mean over the batch."""
    if len(targets.shape) == 1:
        picked = scores[range(scores.shape[0]), targets]
        return log_sum_exp(scores).mean() - picked.mean()
    weighed = (targets * scores).sum(axis=1).mean()
    return (targets.sum(axis=1) * log_sum_exp(scores)).mean() - weighed
