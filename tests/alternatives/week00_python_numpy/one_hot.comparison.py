# Every label against every class number, by broadcasting.
def one_hot(labels, classes):
    """Turn class numbers into rows with a single 1."""
    labels = np.array(labels)
    if labels.size and (labels.min() < 0 or labels.max() > classes - 1):
        raise ValueError("a label is out of range")
    return (labels[:, None] == np.arange(classes)).astype(np.float64)
