# One long vector of all parameters, taken apart again for every call.
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
    shapes = [array.shape for array in arrays]
    cuts = np.cumsum([array.size for array in arrays])[:-1]
    flat = np.concatenate([array.ravel() for array in arrays])

    def loss(vector):
        return f([p.reshape(s) for p, s in zip(np.split(vector, cuts), shapes)])[0]

    steps = h * np.eye(flat.size)
    measured = np.array([(loss(flat + step) - loss(flat - step)) / (2 * h) for step in steps])
    result = []
    for a, m in zip(f(arrays)[1], np.split(measured, cuts)):
        length = np.linalg.norm(a) + np.linalg.norm(m)
        result.append(float(np.linalg.norm(a.ravel() - m) / length) if length else 0.0)
    return tuple(result)
