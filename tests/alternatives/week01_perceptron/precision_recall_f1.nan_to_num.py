# Divides first and clears the NaN of 0/0 afterwards.
def precision_recall_f1(matrix):
    """Precision, recall and F1 of each class and their means."""
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.nan_to_num(np.diag(matrix) / matrix.sum(axis=0))
        recall = np.nan_to_num(np.diag(matrix) / matrix.sum(axis=1))
        f1 = np.nan_to_num(2 / (1 / precision + 1 / recall))
    per_class = np.column_stack([precision, recall, f1])
    return per_class, np.array([precision.mean(), recall.mean(), f1.mean()])
