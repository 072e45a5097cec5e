# Mean and deviation in functions of their own, named as students name them.
def mean(x, axis):
    """Mean that keeps its axes."""
    return x.mean(axis=axis, keepdims=True)


def spread(x, axis):
    """Deviation that keeps its axes, 1 where all values are equal."""
    constant = np.equal(np.min(x, axis, keepdims=True), np.max(x, axis, keepdims=True))
    deviation = mean((x - mean(x, axis)) ** 2, axis) ** 0.5
    return np.where(constant, np.ones_like(deviation), deviation), constant


def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis."""
    deviation, constant = spread(x, axis)
    return (x - mean(x, axis)) / deviation * ~constant
