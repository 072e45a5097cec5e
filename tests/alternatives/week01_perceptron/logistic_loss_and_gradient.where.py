# np.where works out both branches and picks the good one; NumPy warns of the other.
def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient."""
    if not (((y == 1) | (y == -1)).all()):
        raise ValueError("labels")
    m = y * (X @ w)
    loss = np.where(m > 0, np.log1p(np.exp(-m)), -m + np.log1p(np.exp(m)))
    slope = -np.where(m > 0, np.exp(-m) / (1 + np.exp(-m)), 1 / (1 + np.exp(m)))
    return loss.mean(), [(slope * y * column).mean() for column in X.T]
