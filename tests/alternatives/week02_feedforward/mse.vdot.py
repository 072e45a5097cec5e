# Flattens the errors and takes a dot product.
def mse(prediction, target):
    """Mean squared error over all elements."""
    if not prediction.shape == target.shape:
        raise ValueError("the shapes differ")
    errors = np.ravel(prediction - target)
    return np.dot(errors, errors) / errors.dtype.type(errors.size)
