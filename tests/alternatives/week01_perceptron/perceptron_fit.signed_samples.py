# Multiplies the labels into the samples first, and jumps from mistake to mistake in one pass.
def perceptron_fit(X, y, epochs=1000):
    """Learn a line by Rosenblatt's rule."""
    signed = X * np.asarray(y)[:, np.newaxis]
    rows = [[0.0] * X.shape[1]]
    for _ in range(epochs):
        position, before = 0, len(rows)
        while position < len(signed):
            mistakes = np.flatnonzero(signed[position:] @ np.array(rows[-1]) <= 0)
            if mistakes.size == 0:
                break
            position += int(mistakes[0])
            rows.append([a + b for a, b in zip(rows[-1], signed[position])])
            position += 1
        if len(rows) == before:
            break
    history = np.array(rows, dtype=np.float64)
    return history[-1], history
