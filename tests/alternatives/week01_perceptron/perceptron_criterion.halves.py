# (|m| - m) / 2 is the part below zero; uses math.fsum and returns a Python float.
import math


def perceptron_criterion(w, X, y):
    """Add up how far samples lie on the wrong side of the line."""
    margins = (X * y[:, None]).dot(w)
    return math.fsum((np.abs(margins) - margins) / 2)
