# The deviation from its definition; constant features found by their range.
def standardise(x, axis):
    """Shift and scale to mean 0 and standard deviation 1 along an axis."""
    if x.dtype != np.float32:
        x = x.astype(np.float64)
    constant = np.ptp(x, axis=axis, keepdims=True) == 0
    centred = x - np.mean(x, axis=axis, keepdims=True)
    deviation = np.sqrt(np.mean(centred**2, axis=axis, keepdims=True))
    deviation[constant] = 1
    result = centred / deviation
    result[np.broadcast_to(constant, x.shape)] = 0
    return result
