# np.square and np.average; compares shapes as lists.
def mse(prediction, target):
    """Mean squared error over all elements."""
    if list(prediction.shape) != list(target.shape):
        raise ValueError(f"{prediction.shape} is not {target.shape}")
    return np.average(np.square(target - prediction))
