"""Reverse-mode automatic differentiation of array programs (Linnainmaa 1970; Baydin et al. 2018).

A `Tensor` remembers the tensors that it was computed from, and for each a *pull*, which turns the
slopes of the result into those of that operand. `backward` walks this record from a single number
to the leaves, every node once, in reverse topological order.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np

Pull = Callable[[np.ndarray], np.ndarray]
Axes = int | tuple[int, ...] | None


class Tensor:
    """A float64 array that remembers how it was computed.

    Args:
        data: number or array; a float64 array is kept, not copied.
        requires_grad: whether its slopes are wanted; constants say False.

    Attributes:
        grad: of a leaf, after `backward`: the slopes, of the shape of data; otherwise None.
    """

    recording = True
    __array_ufunc__ = None  # NumPy leaves `array * tensor` to us

    def __init__(self, data: Any, requires_grad: bool = True):
        self.data: np.ndarray = np.asarray(data, dtype=np.float64)
        self.requires_grad = requires_grad
        self.edges: tuple[tuple[Tensor, Pull], ...] = ()
        self.grad: np.ndarray | None = None

    def __repr__(self) -> str:
        return f"Tensor({np.array2string(self.data, precision=4, threshold=20)})"

    def backward(self) -> None:
        """Add the slopes of this number to `grad` of every leaf that requires them.

        Raises:
            ValueError: the tensor holds more than one number.
        """
        if self.data.size != 1:
            raise ValueError(f"backward starts at one number, this has shape {self.data.shape}")
        slopes = {id(self): np.ones(self.data.shape)}
        for node in reversed(_parents_first(self)):
            slope = slopes.pop(id(node))
            if not node.edges and node.requires_grad:
                node.grad = slope.copy() if node.grad is None else node.grad + slope
            for parent, pull in node.edges:
                piece = _unbroadcast(pull(slope), parent.data.shape)
                known = slopes.get(id(parent))
                slopes[id(parent)] = piece if known is None else known + piece

    def __add__(self, other: Any) -> "Tensor":
        other = _wrap(other)
        return _record(self.data + other.data, (self, _same), (other, _same))

    def __mul__(self, other: Any) -> "Tensor":
        other = _wrap(other)
        a, b = self.data, other.data
        return _record(a * b, (self, lambda g: g * b), (other, lambda g: g * a))

    def __matmul__(self, other: Any) -> "Tensor":
        other = _wrap(other)
        a, b = self.data, other.data
        if a.ndim != 2 or b.ndim != 2:
            raise ValueError(f"@ multiplies matrices, not shapes {a.shape} and {b.shape}")
        return _record(a @ b, (self, lambda g: g @ b.T), (other, lambda g: a.T @ g))

    def __neg__(self) -> "Tensor":
        return _record(-self.data, (self, lambda g: -g))

    def __pow__(self, exponent: float) -> "Tensor":
        base = self.data
        return _record(base**exponent, (self, lambda g: g * exponent * base ** (exponent - 1)))

    def __sub__(self, other: Any) -> "Tensor":
        return self + -_wrap(other)

    def __truediv__(self, other: Any) -> "Tensor":
        return self * _wrap(other) ** -1

    def __radd__(self, other: Any) -> "Tensor":
        return self + other

    def __rmul__(self, other: Any) -> "Tensor":
        return self * other

    def __rsub__(self, other: Any) -> "Tensor":
        return -self + other

    def __rtruediv__(self, other: Any) -> "Tensor":
        return _wrap(other) / self

    def __rmatmul__(self, other: Any) -> "Tensor":
        return _wrap(other) @ self

    def __getitem__(self, index: Any) -> "Tensor":
        shape = self.data.shape

        def put_back(g: np.ndarray) -> np.ndarray:
            slope = np.zeros(shape)
            np.add.at(slope, index, g)  # an entry that was handed out twice collects twice
            return slope

        return _record(self.data[index], (self, put_back))

    def sum(self, axis: Axes = None, keepdims: bool = False) -> "Tensor":
        """Add up along an axis, several, or all of them."""
        shape = self.data.shape

        def spread(g: np.ndarray) -> np.ndarray:
            if axis is not None and not keepdims:
                g = np.expand_dims(g, axis)
            return np.broadcast_to(g, shape)

        return _record(self.data.sum(axis=axis, keepdims=keepdims), (self, spread))

    def mean(self, axis: Axes = None, keepdims: bool = False) -> "Tensor":
        """Average along an axis, several, or all of them."""
        total = self.sum(axis=axis, keepdims=keepdims)
        return total * (total.data.size / self.data.size)

    def exp(self) -> "Tensor":
        """Exponentials, element by element."""
        value = np.exp(self.data)
        return _record(value, (self, lambda g: g * value))

    def log(self) -> "Tensor":
        """Natural logarithms, element by element."""
        data = self.data
        return _record(np.log(data), (self, lambda g: g / data))

    def relu(self) -> "Tensor":
        """max(0, x), element by element; the slope at 0 is 0."""
        is_open = self.data > 0
        return _record(np.maximum(self.data, 0.0), (self, lambda g: np.where(is_open, g, 0.0)))

    def tanh(self) -> "Tensor":
        """Hyperbolic tangents, element by element."""
        value = np.tanh(self.data)
        return _record(value, (self, lambda g: g * (1.0 - value**2)))

    def reshape(self, *shape: int) -> "Tensor":
        """The same numbers in another shape."""
        old = self.data.shape
        return _record(self.data.reshape(*shape), (self, lambda g: g.reshape(old)))

    def transpose(self, *axes: int) -> "Tensor":
        """Permuted axes; all of them reversed, where none are named."""
        back = tuple(int(i) for i in np.argsort(axes)) if axes else None
        return _record(self.data.transpose(*axes), (self, lambda g: g.transpose(back)))


class no_grad:
    """A block in which nothing is recorded: `with no_grad(): …`."""

    def __enter__(self) -> None:
        self.before = Tensor.recording
        Tensor.recording = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        Tensor.recording = self.before


def _same(g: np.ndarray) -> np.ndarray:
    return g


def _wrap(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor(value, requires_grad=False)


def _record(data: np.ndarray, *edges: tuple[Tensor, Pull]) -> Tensor:
    """Make a result that keeps the operands whose slopes are wanted."""
    kept = tuple(edge for edge in edges if edge[0].requires_grad) if Tensor.recording else ()
    result = Tensor(data, requires_grad=bool(kept))
    result.edges = kept
    return result


def _unbroadcast(slope: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum over the axes along which an array of this shape was stretched."""
    if slope.shape == shape:
        return slope
    slope = slope.sum(axis=tuple(range(slope.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return slope.sum(axis=stretched, keepdims=True)


def _parents_first(root: Tensor) -> list[Tensor]:
    """List all nodes, each after those that it was computed from; no recursion."""
    order: list[Tensor] = []
    met: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, parents_are_in = stack.pop()
        if parents_are_in:
            order.append(node)
        elif id(node) not in met:
            met.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent, _ in node.edges)
    return order
