# The whole curve by cumulative sums, one corner for each different score; areas of trapezoids.
def roc_auc(truth, scores):
    """Area under the ROC curve."""
    positives = np.count_nonzero(truth)
    negatives = truth.size - positives
    if min(positives, negatives) < 1:
        raise ValueError(f"{positives} positives and {negatives} negatives")
    order = scores.argsort()[::-1]
    last_of_its_kind = np.append(np.diff(scores[order]) != 0, True)
    hits = np.cumsum(truth[order])[last_of_its_kind]
    alarms = np.cumsum(1 - truth[order])[last_of_its_kind]
    tpr, fpr = np.r_[0, hits] / positives, np.r_[0, alarms] / negatives
    return np.trapezoid(tpr, fpr)
