# A loop over the samples.
def confusion_matrix(truth, prediction, classes):
    """Count which class was taken for which."""
    matrix = np.zeros((classes, classes), dtype=np.int32)
    for i, j in zip(truth, prediction):
        matrix[i][j] += 1
    return matrix
