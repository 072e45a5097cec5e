# Counts are whole numbers: a denominator of at least 1 changes nothing but 0/0.
def precision_recall_f1(matrix):
    """Precision, recall and F1 of each class and their means."""
    hits = matrix.diagonal()
    called, true = matrix.sum(0), matrix.sum(1)
    table = np.empty((len(hits), 3))
    table[:, 0] = hits / np.maximum(called, 1)
    table[:, 1] = hits / np.maximum(true, 1)
    table[:, 2] = 2 * hits / np.maximum(called + true, 1)
    return table, np.average(table, axis=0)
