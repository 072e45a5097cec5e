# This week's own layers, on a column of numbers.
def hat(x, left, centre, right):
    """Triangle made of three rectifiers."""
    a, b = 1 / (centre - left), 1 / (right - centre)
    hidden = Linear(np.ones((1, 3)), np.array([-left, -centre, -right]))
    h = ReLU().forward(hidden.forward(x.reshape(-1, 1)))
    return (a * h[:, 0] - (a + b) * h[:, 1] + b * h[:, 2]).reshape(x.shape)
