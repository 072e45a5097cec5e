# A loop that keeps the slope so far; Python's lists to the end.
def approximate(f, low, high, n):
    """Build a network of one hidden layer of rectifiers that interpolates f."""
    step = (high - low) / n
    nodes = [low + i * step for i in range(n + 1)]
    values = f(np.array(nodes))
    so_far, W2 = 0.0, []
    for i in range(n):
        slope = (values[i + 1] - values[i]) / step
        W2.append([slope - so_far])
        so_far = slope
    return np.ones((1, n)), np.array([-node for node in nodes[:n]]), np.array(W2), np.array([values[0]])
