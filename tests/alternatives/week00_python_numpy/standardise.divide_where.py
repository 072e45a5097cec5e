# Division only where there is something to divide by.
def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    varies = x.min(axis=axis, keepdims=True) < x.max(axis=axis, keepdims=True)
    result = np.zeros_like(centred)
    np.divide(centred, x.std(axis=axis, keepdims=True), out=result, where=varies)
    return result
