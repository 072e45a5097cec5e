"""Layers with two directions: `forward` remembers what `backward` needs.

`backward` takes the slopes of the loss with respect to the layer's output, stores those of its own
parameters and returns those of its input (Rumelhart, Hinton & Williams 1986).
"""

import math
from collections.abc import Sequence

import numpy as np

_erf = np.vectorize(math.erf, otypes=[np.float64])


class Layer:
    """What all layers have in common; one without parameters needs nothing more."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Compute the output, and remember what `backward` needs."""
        raise NotImplementedError

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Turn the slopes of the output into those of the input."""
        raise NotImplementedError

    def parameters(self) -> list[np.ndarray]:
        """List the arrays that are learnt."""
        return []

    def gradients(self) -> list[np.ndarray]:
        """List the slopes of the parameters, as the last `backward` left them."""
        return []


class Linear(Layer):
    """A fully connected layer, xW + b.

    Args:
        W: weights, (D, M); kept, not copied.
        b: biases, (M,); kept, not copied.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray):
        self.W, self.b = W, b
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Map (N, D) to (N, M)."""
        self.x = x
        return x @ self.W + self.b

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Store dW and db, and map (N, M) to (N, D)."""
        self.dW = self.x.T @ gradient
        self.db = gradient.sum(axis=0)
        return gradient @ self.W.T

    def parameters(self) -> list[np.ndarray]:
        """List W and b."""
        return [self.W, self.b]

    def gradients(self) -> list[np.ndarray]:
        """List dW and db."""
        return [self.dW, self.db]


class ReLU(Layer):
    """The rectifier max(0, x); its slope at 0 is 0 (Nair & Hinton 2010)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Rectify, element by element."""
        self.is_open = x > 0
        return np.maximum(x, 0)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Let the slopes through where the input was positive."""
        return gradient * self.is_open


class LeakyReLU(Layer):
    """A rectifier that lets a part of the negative side through (Maas et al. 2013).

    Args:
        slope: that part.
    """

    def __init__(self, slope: float = 0.01):
        self.slope = slope

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Rectify with a leak, element by element."""
        self.factor = np.where(x > 0, x.dtype.type(1), x.dtype.type(self.slope))
        return x * self.factor

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Multiply by 1 or by the leak."""
        return gradient * self.factor


class Sigmoid(Layer):
    """The logistic function, by way of tanh, which overflows on neither side."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Squash to 0 … 1, element by element."""
        self.output = 0.5 * (1.0 + np.tanh(0.5 * x))
        return self.output

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Multiply by σ (1 − σ)."""
        return gradient * self.output * (1.0 - self.output)


class Tanh(Layer):
    """The hyperbolic tangent."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Squash to −1 … 1, element by element."""
        self.output = np.tanh(x)
        return self.output

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Multiply by 1 − tanh²."""
        return gradient * (1.0 - self.output**2)


class GELU(Layer):
    """x Φ(x) with the exact normal distribution function (Hendrycks & Gimpel 2016)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Weigh every element by Φ at its place."""
        self.x = x
        self.share = (0.5 * (1.0 + _erf(x / math.sqrt(2.0)))).astype(x.dtype)
        return x * self.share

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Multiply by Φ(x) + x φ(x)."""
        density = np.exp(-0.5 * self.x**2) / math.sqrt(2.0 * math.pi)
        return gradient * (self.share + self.x * density)


class Sequential(Layer):
    """Layers one after the other.

    Args:
        layers: from the input to the output.
    """

    def __init__(self, layers: Sequence[Layer]):
        self.layers = list(layers)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Go through the layers in order."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Go through the layers in reverse order."""
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient

    def parameters(self) -> list[np.ndarray]:
        """List the parameters of all layers, in order."""
        return [array for layer in self.layers for array in layer.parameters()]

    def gradients(self) -> list[np.ndarray]:
        """List the slopes of all parameters, in the same order."""
        return [array for layer in self.layers for array in layer.gradients()]
