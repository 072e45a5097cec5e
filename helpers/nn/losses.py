"""Losses: each returns the mean loss, and its gradient in the scores or predictions."""

import numpy as np

from helpers.nn.probabilities import log_sum_exp


def cross_entropy(scores: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Softmax and cross-entropy in one, averaged over the batch.

    The gradient is (softmax − target) / N (Bishop 2006, equation 4.109).

    Args:
        scores: finite floats, (N, C).
        targets: integer labels (N,), or probabilities (N, C) with rows that add up to 1.

    Returns:
        The loss, and its gradient with respect to the scores, (N, C).
    """
    log_p = scores - log_sum_exp(scores)[:, None]
    gradient = np.exp(log_p)
    count = len(scores)
    if targets.ndim == 1:
        rows = np.arange(count)
        loss = -log_p[rows, targets].sum() / count
        gradient[rows, targets] -= 1.0
    else:
        loss = -(targets * log_p).sum() / count
        gradient -= targets
    gradient /= count
    return float(loss), gradient


def mse(prediction: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean squared error over all elements.

    Args:
        prediction: floats of any shape.
        target: of the same shape.

    Returns:
        The loss, and its gradient with respect to the prediction.

    Raises:
        ValueError: the shapes differ.
    """
    if prediction.shape != target.shape:
        raise ValueError(f"prediction {prediction.shape}, but target {target.shape}")
    difference = prediction - target
    return float((difference**2).mean()), difference * (2.0 / difference.size)


def binary_cross_entropy_with_logits(
    scores: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """Logistic loss from raw scores, averaged over all elements, without overflow.

    Args:
        scores: floats of any shape.
        targets: probabilities of the positive class, of the same shape.

    Returns:
        The loss, and its gradient with respect to the scores.
    """
    loss = np.maximum(scores, 0.0) - scores * targets + np.log1p(np.exp(-np.abs(scores)))
    probability = 0.5 * (1.0 + np.tanh(0.5 * scores))
    return float(loss.mean()), (probability - targets) / scores.size


def hinge(scores: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Multi-class hinge loss: summed over wrong classes, averaged over the batch.

    Args:
        scores: floats, (N, C).
        labels: integers, (N,).

    Returns:
        The loss (Weston & Watkins 1999), and a subgradient with respect to the scores.
    """
    rows = np.arange(len(labels))
    margins = np.maximum(0.0, 1.0 + scores - scores[rows, labels][:, None])
    margins[rows, labels] = 0.0
    gradient = (margins > 0).astype(scores.dtype)
    gradient[rows, labels] = -gradient.sum(axis=1)
    return float(margins.sum() / len(labels)), gradient / len(labels)
