# All pairs in two loops; a tie is worth one half.
def roc_auc(truth, scores):
    """Area under the ROC curve."""
    won, pairs = 0.0, 0
    for is_positive, high in zip(truth, scores):
        for is_other, low in zip(truth, scores):
            if is_positive == 1 and is_other == 0:
                pairs += 1
                won += 1.0 if high > low else 0.5 if high == low else 0.0
    if not pairs:
        raise ValueError("one of the classes is missing")
    return won / pairs
