# The squared norm of the errors.
def mse(prediction, target):
    """Mean squared error over all elements."""
    if np.shape(prediction) != np.shape(target):
        raise ValueError("shapes differ")
    return np.linalg.norm(prediction - target) ** 2 / prediction.size
