# Walks the ROC curve threshold by threshold and adds up trapezoids.
def roc_auc(truth, scores):
    """Area under the ROC curve."""
    if len(set(truth.tolist())) < 2:
        raise ValueError("both classes are needed")
    area, last_fpr, last_tpr = 0.0, 0.0, 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        called = scores >= threshold
        tpr = called[truth == 1].mean()
        fpr = called[truth == 0].mean()
        area += (fpr - last_fpr) * (tpr + last_tpr) / 2
        last_fpr, last_tpr = fpr, tpr
    return area
