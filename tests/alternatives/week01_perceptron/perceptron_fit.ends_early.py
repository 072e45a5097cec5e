# A class holds the weights; ends as soon as every margin is positive, which changes no number.
class Perceptron:
    """Weights and all that they have been."""

    def __init__(self, entries):
        self.w = np.zeros((entries, 1))
        self.past = self.w.T.copy()

    def learn(self, sample, label):
        """Correct one mistake."""
        self.w = self.w + label * sample.reshape(-1, 1)
        self.past = np.vstack([self.past, self.w.T])


def perceptron_fit(X, y, epochs=1000):
    """Learn a line by Rosenblatt's rule."""
    model, t = Perceptron(X.shape[1]), 0
    while t < epochs * len(y) and not np.all(y[:, None] * (X @ model.w) > 0):
        n = t % len(y)
        if (y[n] * (X[n] @ model.w)).item() <= 0:
            model.learn(X[n], y[n])
        t += 1
    return model.w.ravel(), model.past
