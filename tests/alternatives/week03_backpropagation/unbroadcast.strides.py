# Adds every entry to the place of the small array that it came from.
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array was broadcast.

    Args:
        gradient: float array of the broadcast shape. Not modified.
        shape: the array's own shape, a tuple that broadcasts to the shape of `gradient`.

    Returns:
        Array of exactly that shape.
    """
    result = np.zeros(shape)
    view = np.broadcast_to(np.arange(result.size).reshape(shape), gradient.shape)
    np.add.at(result.reshape(-1), view.ravel(), gradient.ravel())
    return result
