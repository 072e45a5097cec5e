# Flat indices; an array of errors.
def check_gradients(f, arrays, h=1e-5):
    """Compare gradients with central differences, array by array.

    Args:
        f: takes a list of arrays like `arrays`; returns the pair (loss, list of gradients), one
            gradient per array, of its shape.
        arrays: where to check, list of float64 arrays of any shapes. Not modified.
        h: the step of the differences.

    Returns:
        List of numbers, the relative error of each gradient by the norm, from 0 to 1.
    """
    analytic = f(arrays)[1]
    errors = np.zeros(len(arrays))
    for k in range(len(arrays)):
        slopes = []
        for i in range(arrays[k].size):
            plus = [a.copy() for a in arrays]
            minus = [a.copy() for a in arrays]
            plus[k].flat[i] += h
            minus[k].flat[i] -= h
            slopes.append((f(plus)[0] - f(minus)[0]) / h / 2)
        m = np.array(slopes).reshape(arrays[k].shape)
        a = analytic[k]
        if a.any() or m.any():
            errors[k] = np.linalg.norm(a - m) / (np.linalg.norm(a) + np.linalg.norm(m))
    return errors
