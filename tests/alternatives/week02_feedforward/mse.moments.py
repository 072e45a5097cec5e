# Variance and squared mean of the errors.
def mse(prediction, target):
    """Mean squared error over all elements."""
    if not np.array_equal(prediction.shape, target.shape):
        raise ValueError(prediction.shape, target.shape)
    errors = target - prediction
    return np.var(errors) + np.mean(errors) ** 2
