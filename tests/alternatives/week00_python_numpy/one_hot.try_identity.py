# Lets NumPy find a label that is too large, and looks for negative ones itself.
def one_hot(labels, classes):
    """Turn class numbers into rows with a single 1."""
    if np.count_nonzero(labels < 0):
        raise ValueError("negative label")
    try:
        return np.identity(classes)[labels]
    except IndexError as error:
        raise ValueError("label too large") from error
