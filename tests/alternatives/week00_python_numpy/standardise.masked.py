# Names in full, a multiplication by the inverse spread, zeros assigned at the end.
def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis."""
    highest = np.amax(x, axis=axis, keepdims=True)
    lowest = np.amin(x, axis=axis, keepdims=True)
    average = np.mean(x, axis=axis, keepdims=True)
    deviation = np.std(x, axis=axis, keepdims=True)
    with np.errstate(all="ignore"):
        result = np.subtract(x, average) / deviation
    result[np.broadcast_to(np.equal(highest, lowest), np.shape(x))] = 0
    return result
