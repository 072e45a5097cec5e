# Column vectors throughout; a small helper does the clipping.
def at_least_zero(values):
    """Clip from below."""
    return np.clip(values, 0, None)


def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line."""
    scores = X @ w.reshape(-1, 1)
    owed = at_least_zero(-scores * y.reshape(-1, 1))
    return np.einsum("nk->", owed)
