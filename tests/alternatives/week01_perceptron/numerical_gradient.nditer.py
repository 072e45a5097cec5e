# Walks over the array by an iterator with indices; a helper moves one entry of a fresh copy.
def moved(x, index, by):
    """Return a copy of x with one entry moved."""
    there = np.array(x, dtype=float)
    there[index] += by
    return there


def numerical_gradient(f, x, h=1e-5):
    """Estimate the gradient of f at x by central differences."""
    gradient = np.empty(np.shape(x), dtype=np.float64)
    places = np.nditer(gradient, flags=["multi_index", "zerosize_ok"])
    while not places.finished:
        i = places.multi_index
        gradient[i] = f(moved(x, i, h)) / (2 * h) - f(moved(x, i, -h)) / (2 * h)
        places.iternext()
    return gradient
