# Loss and gradient in functions of those names; no check may take them.
def loss(w, X, y):
    """Mean logistic loss."""
    return np.logaddexp(0, -y * X.dot(w)).mean()


def gradient(w, X, y):
    """Gradient of the loss."""
    with np.errstate(over="ignore"):
        doubt = 1 / (1 + np.exp(y * X.dot(w)))
    return -np.array([doubt @ (y * column) for column in X.T]) / y.size


def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient."""
    if np.any(y**2 != 1):
        raise ValueError("labels are -1 and +1")
    return loss(w, X, y), gradient(w, X, y)
