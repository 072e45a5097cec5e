# Two comparisons for every entry; a list of lists of Python integers.
def confusion_matrix(truth, prediction, classes):
    """Count which class was taken for which."""
    return [
        [int(np.sum((truth == i) & (prediction == j))) for j in range(classes)]
        for i in range(classes)
    ]
