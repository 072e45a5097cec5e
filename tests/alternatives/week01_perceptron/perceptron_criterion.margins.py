# The margins in a function of that name, a running sum.
def margins(w, X, y):
    """Margin of every sample."""
    return [label * float(np.dot(sample, w)) for sample, label in zip(X, y, strict=True)]


def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line."""
    return np.float64(sum(max(0.0, -m) for m in margins(w, X, y)))
