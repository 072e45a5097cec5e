# A loop over the samples with an if in place of the clipping.
def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line."""
    loss = 0.0
    for x, label in zip(X, y):
        score = sum(a * b for a, b in zip(w, x))
        if label * score < 0:
            loss += abs(score)
    return loss
