"""Training a chain of layers, and proving its gradients right before that."""

from collections.abc import Callable, Sequence

import numpy as np

from helpers.nn.layers import Layer
from helpers.nn.losses import cross_entropy
from helpers.nn.optimisers import SGD

Arrays = list[np.ndarray]


def train_epoch(
    layers: Sequence[Layer],
    optimiser: SGD,
    X: np.ndarray,
    targets: np.ndarray,
    order: np.ndarray,
    batch_size: int,
) -> float:
    """Train a chain of layers on softmax and cross-entropy for one epoch.

    Args:
        layers: from the input to the scores.
        optimiser: has `step(parameters, gradients)`; it is called once a batch.
        X: inputs, (N, …).
        targets: integer labels (N,), or probabilities (N, C).
        order: which rows to use, in which order; integers.
        batch_size: rows in a batch; the last one may have fewer.

    Returns:
        The mean loss of the samples, each measured before the step that it belongs to.
    """
    losses = []
    for rows in np.split(order, range(batch_size, len(order), batch_size)):
        h = X[rows]
        for layer in layers:
            h = layer.forward(h)
        loss, gradient = cross_entropy(h, targets[rows])
        for layer in reversed(layers):
            gradient = layer.backward(gradient)
        parameters = [array for layer in layers for array in layer.parameters()]
        optimiser.step(parameters, [array for layer in layers for array in layer.gradients()])
        losses.append(loss * len(rows))
    return float(np.sum(losses) / len(order))


def check_gradients(
    f: Callable[[Arrays], tuple[float, Arrays]], arrays: Arrays, h: float = 1e-5
) -> list[float]:
    """Compare gradients with central differences, array by array.

    Args:
        f: takes a list of arrays like `arrays` and gives the loss and one gradient for each.
        arrays: where to check, float64 of any shapes; not changed.
        h: the step of the differences.

    Returns:
        For each array ‖a − m‖ / (‖a‖ + ‖m‖) of the gradient a and the measured one m; 0 where
        both are zero.
    """
    errors = []
    for place, (array, gradient) in enumerate(zip(arrays, f(arrays)[1], strict=True)):
        difference = np.empty(array.shape)
        for index in np.ndindex(array.shape):
            shift = np.zeros(array.shape)
            shift[index] = h
            above, below = (
                f([*arrays[:place], array + way * shift, *arrays[place + 1 :]])[0]
                for way in (1, -1)
            )
            difference[index] = (above - below) / (2.0 * h)
        size = float(np.linalg.norm(gradient) + np.linalg.norm(difference))
        errors.append(float(np.linalg.norm(gradient - difference)) / size if size else 0.0)
    return errors
