# One pair of numbers at a time, no array arithmetic.
def mse(prediction, target):
    """Mean squared error over all elements."""
    if prediction.shape == target.shape:
        total = sum((p - t) ** 2 for p, t in zip(prediction.flat, target.flat))
        return total / prediction.size
    raise ValueError
