# A number directly; anything with axes row by row, through a function of the row alone.
def numerical_gradient(f, x, h=1e-5):
    """Estimate the gradient of f at x by central differences."""
    x = np.asarray(x, dtype=np.float64)
    if x.ndim == 0:
        return np.asarray((f(x + h) - f(x - h)) / (2 * h))

    def with_row(number):
        def g(row):
            copy = x.copy()
            copy[number] = row
            return f(copy)

        return g

    rows = [numerical_gradient(with_row(n), x[n], h) for n in range(len(x))]
    return np.array(rows).reshape(x.shape)
