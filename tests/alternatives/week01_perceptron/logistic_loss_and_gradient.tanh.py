# The sigmoid as a hyperbolic tangent, which never overflows.
def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient."""
    if (np.abs(y) != 1).any():
        raise ValueError("labels must be -1 or +1")
    scores = X @ w
    loss = np.average(np.logaddexp(-y * scores, 0))
    doubt = 0.5 - 0.5 * np.tanh(y * scores / 2)
    return loss, X.T @ (-y * doubt) / X.shape[0]
