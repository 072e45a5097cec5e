# One sample at a time with the math module.
import math


def logistic_loss_and_gradient(w, X, y):
    """Logistic loss and its gradient."""
    total, gradient = 0.0, np.zeros(len(w))
    for x, label in zip(X, y):
        if label not in (-1, 1):
            raise ValueError(f"label {label} is neither -1 nor +1")
        margin = float(label * np.dot(w, x))
        if margin > 0:
            total += math.log1p(math.exp(-margin))
            doubt = math.exp(-margin) / (1 + math.exp(-margin))
        else:
            total += -margin + math.log1p(math.exp(margin))
            doubt = 1 / (1 + math.exp(margin))
        gradient = gradient - doubt * label * x
    return total / len(y), gradient / len(y)
