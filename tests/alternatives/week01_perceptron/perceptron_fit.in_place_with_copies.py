# Updates w in place and appends copies; a flag says whether a pass was clean.
def perceptron_fit(X, y, epochs=1000):
    """Learn a line by Rosenblatt's rule."""
    w = np.zeros(X.shape[1], dtype=float)
    history = [w.copy()]
    clean, passes = False, 0
    while not clean and passes < epochs:
        clean = True
        for n in range(len(y)):
            score = float(np.dot(X[n], w))
            if y[n] * score <= 0:
                w += y[n] * X[n]
                history.append(w.copy())
                clean = False
        passes += 1
    return w, np.array(history)
