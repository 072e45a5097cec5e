# Compares signs (0 is neither -1 nor +1); counts the mistakes of a pass; returns a list of arrays.
def perceptron_fit(X, y, epochs=1000):
    """Learn a line by Rosenblatt's rule."""
    history = [np.zeros(X.shape[1])]
    for epoch in range(epochs):
        mistakes = 0
        for i, sample in enumerate(X):
            if np.sign(np.inner(history[-1], sample)) != y[i]:
                history.append(np.add(history[-1], y[i] * sample))
                mistakes += 1
        if not mistakes:
            break
    return history[-1], history
