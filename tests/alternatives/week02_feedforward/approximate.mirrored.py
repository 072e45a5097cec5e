# From right to left: rectifiers of the negated input, starting at f(high).
def approximate(f, low, high, n):
    """Build a network of one hidden layer of rectifiers that interpolates f."""
    nodes = np.linspace(low, high, n + 1)[::-1]
    values = f(nodes)
    slopes = (values[1:] - values[:-1]) / (nodes[:-1] - nodes[1:])
    changes = slopes.copy()
    changes[1:] -= slopes[:-1]
    return -np.ones((1, n)), nodes[:-1].copy(), changes.reshape(-1, 1), np.array([values[0]])
