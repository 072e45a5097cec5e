# Picks the wrong samples by a mask and adds up their distances by a scalar product.
def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line."""
    scores = np.einsum("nd,d->n", X, w)
    wrong = np.sign(scores) != y
    return float(-(y[wrong] @ scores[wrong]))
