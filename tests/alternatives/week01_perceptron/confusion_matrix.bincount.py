# Numbers the pairs and counts the numbers.
def confusion_matrix(truth, prediction, classes):
    """Count which class was taken for which."""
    pairs = truth.astype(np.int64) * classes + prediction
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
