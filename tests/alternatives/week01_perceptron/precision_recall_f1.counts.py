# True positives, false positives and false negatives of all classes at once; F1 from the counts.
def ratio(a, b):
    """Divide; 0/0 counts 0."""
    return a / np.where(b > 0, b, 1)


def precision_recall_f1(matrix):
    """Precision, recall and F1 of each class and their means."""
    tp = matrix.diagonal().astype(float)
    fp = matrix.sum(axis=0) - tp
    fn = matrix.sum(axis=1) - tp
    table = np.c_[ratio(tp, tp + fp), ratio(tp, tp + fn), ratio(tp, tp + (fp + fn) / 2)]
    return [list(row) for row in table], list(table.mean(0))
