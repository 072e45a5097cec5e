# Pads the shape with ones in front, sums once, reshapes.
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array was broadcast.

    Args:
        gradient: float array of the broadcast shape. Not modified.
        shape: the array's own shape, a tuple that broadcasts to the shape of `gradient`.

    Returns:
        Array of exactly that shape.
    """
    padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i in range(gradient.ndim) if padded[i] != gradient.shape[i])
    return np.sum(gradient, axis=axes, keepdims=True).reshape(shape)
