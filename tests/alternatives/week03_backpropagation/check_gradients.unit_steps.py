# Adds steps along the unit directions; one array at a time, by a helper.
def _slopes(loss, array, h):
    units = np.eye(array.size).reshape(array.size, *array.shape)
    return np.array([(loss(array + h * u) - loss(array - h * u)) / (2 * h) for u in units])


def check_gradients(f, arrays, h=1e-5):
    """Compare gradients with central differences, array by array."""
    errors = []
    for k, gradient in enumerate(f(arrays)[1]):
        before, after = list(arrays[:k]), list(arrays[k + 1 :])
        measured = _slopes(lambda a: f(before + [a] + after)[0], arrays[k], h)
        own = np.ravel(gradient)
        with np.errstate(invalid="ignore"):
            error = np.linalg.norm(own - measured) / (
                np.linalg.norm(own) + np.linalg.norm(measured)
            )
        errors.append(float(np.nan_to_num(error)))
    return errors
