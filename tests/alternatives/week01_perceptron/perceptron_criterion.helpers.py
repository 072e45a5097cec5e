# The margin of one sample and its price in helpers, named as students name them.
def margin(w, x, label):
    """Margin of one sample."""
    return label * np.vdot(w, x)


def price(m):
    """What a sample with this margin costs."""
    return -m if m < 0 else 0


def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line."""
    return sum([price(margin(w, X[n], y[n])) for n in range(X.shape[0])])
