# Sorts the negatives once and asks for each positive how many lie below it and how many up to it.
def roc_auc(truth, scores):
    """Area under the ROC curve."""
    healthy = np.sort(scores[truth < 1])
    ill = scores[truth > 0]
    if not ill.size or not healthy.size:
        raise ValueError("need both classes")
    below = np.searchsorted(healthy, ill, side="left")
    up_to = np.searchsorted(healthy, ill, side="right")
    return float((below + up_to).sum() / (2 * ill.size * healthy.size))
