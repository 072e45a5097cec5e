# Goes through the rows of an identity matrix, reshaped to steps.
def numerical_gradient(f, x, h=1e-5):
    """Estimate the gradient of f at x by central differences."""
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    ups = np.array([f(x + step) for step in steps])
    downs = np.array([f(x - step) for step in steps])
    return ((ups - downs) / 2 / h).reshape(x.shape)
