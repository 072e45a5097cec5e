"""Optimisers: they change parameters in place."""

from collections.abc import Sequence

import numpy as np


class SGD:
    """Gradient descent, w ← w − η ∂L/∂w (Robbins & Monro 1951).

    Args:
        learning_rate: the step size η.
    """

    def __init__(self, learning_rate: float):
        self.learning_rate = learning_rate

    def step(self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Move every parameter against its gradient, in place.

        Args:
            parameters: float arrays of any shapes; they are changed.
            gradients: as many arrays of the same shapes.

        Raises:
            ValueError: the two differ in number or in a shape; then nothing was changed.
        """
        shapes = [p.shape for p in parameters], [g.shape for g in gradients]
        if shapes[0] != shapes[1]:
            raise ValueError(f"parameters have shapes {shapes[0]}, but gradients {shapes[1]}")
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= self.learning_rate * gradient
