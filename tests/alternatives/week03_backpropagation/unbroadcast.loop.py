# One axis after the other.
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array was broadcast.

    Args:
        gradient: float array of the broadcast shape. Not modified.
        shape: the array's own shape, a tuple that broadcasts to the shape of `gradient`.

    Returns:
        Array of exactly that shape.
    """
    while np.ndim(gradient) > len(shape):
        gradient = gradient.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient
