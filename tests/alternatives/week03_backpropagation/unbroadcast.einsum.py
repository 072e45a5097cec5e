# Names the axes and lets einsum sum.
def unbroadcast(gradient, shape):
    """Sum a gradient over the axes along which an array was broadcast.

    Args:
        gradient: float array of the broadcast shape. Not modified.
        shape: the array's own shape, a tuple that broadcasts to the shape of `gradient`.

    Returns:
        Array of exactly that shape.
    """
    extra = gradient.ndim - len(shape)
    names = list(range(gradient.ndim))
    kept = [n for n in names[extra:] if shape[n - extra] != 1]
    return np.einsum(gradient, names, kept).reshape(shape)
