# One axis, then the rest by itself.
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array was broadcast.

    Args:
        gradient: float array of the broadcast shape. Not modified.
        shape: the array's own shape, a tuple that broadcasts to the shape of `gradient`.

    Returns:
        Array of exactly that shape.
    """
    if gradient.ndim > len(shape):
        return unbroadcast(np.sum(gradient, 0), shape)
    for axis in range(len(shape)):
        if shape[axis] == 1 and gradient.shape[axis] > 1:
            return unbroadcast(np.sum(gradient, axis, keepdims=True), shape)
    return gradient
