# Moves the caller's own entries and puts each back exactly as it was.
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
    _, gradients = f(arrays)
    gradients = [np.array(g) for g in gradients]
    errors = []
    for array, gradient in zip(arrays, gradients):
        measured = np.zeros_like(array)
        it = np.nditer(array, flags=["multi_index"])
        for _ in it:
            i = it.multi_index
            old = array[i]
            array[i] = old + h
            up = f(arrays)[0]
            array[i] = old - h
            down = f(arrays)[0]
            array[i] = old
            measured[i] = (up - down) / (2 * h)
        top = np.linalg.norm(gradient - measured)
        bottom = np.linalg.norm(gradient) + np.linalg.norm(measured)
        errors.append(0 if bottom == 0 else top / bottom)
    return errors
