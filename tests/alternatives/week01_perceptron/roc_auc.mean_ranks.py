# Mann and Whitney by ranks; equal scores share the mean of their ranks.
def roc_auc(truth, scores):
    """Area under the ROC curve."""
    positives = int((truth == 1).sum())
    negatives = len(truth) - positives
    if positives * negatives == 0:
        raise ValueError("both classes are needed")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = mean_rank[place][truth == 1].sum()
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)
