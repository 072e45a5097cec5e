# NaN is let happen, and replaced afterwards.
def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result = (x - x.mean(axis=axis, keepdims=True)) / x.std(axis=axis, keepdims=True)
    same = x.max(axis=axis, keepdims=True) - x.min(axis=axis, keepdims=True) == 0
    return np.where(same, np.zeros_like(result), result)
