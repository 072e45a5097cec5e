# A hat for each node, three rectifiers each, none merged.
def approximate(f, low, high, n):
    """Build a network of one hidden layer of rectifiers that interpolates f."""
    step = (high - low) / n
    kinks, weights = [], []
    for k in range(n + 1):
        node = low + k * step
        height = float(f(np.array([node]))[0])
        kinks += [node - step, node, node + step]
        weights += [height / step, -2 * height / step, height / step]
    return np.ones((1, len(kinks))), -np.array(kinks), np.array(weights)[:, None], np.zeros(1)
