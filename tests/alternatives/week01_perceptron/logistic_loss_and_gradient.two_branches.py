# Evaluates a stable sigmoid by its sign in two branches; the loss by max and log1p.
def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient."""
    if set(np.unique(y).tolist()) - {-1, 1}:
        raise ValueError("labels are -1 and +1 here")
    margins = (X @ w) * y
    small = np.exp(-np.abs(margins))
    losses = np.maximum(-margins, 0) + np.log1p(small)
    doubt = np.where(margins >= 0, small / (1 + small), 1 / (1 + small))
    gradient = np.mean(-(doubt * y)[:, None] * X, axis=0)
    return float(np.mean(losses)), gradient
