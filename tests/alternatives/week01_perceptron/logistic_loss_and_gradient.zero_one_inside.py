# Turns the labels into {0, 1} inside; a sigmoid that overflows to the right value, with a warning.
def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient."""
    for label in y:
        if label != 1 and label != -1:
            raise ValueError("each label has to be -1 or 1")
    t = (y + 1) / 2
    z = np.dot(X, w)
    p = 1 / (1 + np.exp(-z))
    loss = np.logaddexp(0, z) - t * z
    return loss.sum() / len(loss), np.einsum("n,nd->d", p - t, X) / len(X)
