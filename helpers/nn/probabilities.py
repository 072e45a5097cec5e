"""From scores to probabilities, without overflow."""

import numpy as np


def log_sum_exp(scores: np.ndarray) -> np.ndarray:
    """Logarithm of the sum of exponentials along the last axis, without overflow.

    The largest score is taken out first (Goodfellow, Bengio & Courville 2016, section 4.1).

    Args:
        scores: finite floats, (..., C).

    Returns:
        Array of shape (...,).
    """
    largest = scores.max(axis=-1, keepdims=True)
    total: np.ndarray = np.log(np.exp(scores - largest).sum(axis=-1))
    return total + largest[..., 0]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis.

    Args:
        scores: finite floats, (..., C).

    Returns:
        Array of the same shape, non-negative, adding up to 1 along the last axis.
    """
    return np.exp(scores - log_sum_exp(scores)[..., None])
