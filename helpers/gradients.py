"""Numerical gradients: the slope measured by central differences, and how far another is off."""

from collections.abc import Callable
from typing import Any

import numpy as np


def numerical_gradient(f: Callable[[Any], Any], x: Any, h: float = 1e-5) -> Any:
    """Measure the gradient of a scalar function by central differences in float64.

    Every element is moved by +h and −h in turn: (f(x + h) − f(x − h)) / 2h, with an error of order
    h² (Goodfellow, Bengio & Courville 2016, section 11.5).

    Args:
        f: takes what `x` is and returns one number; it gets a copy of its own at each call.
        x: an array of any shape, a number, or a list or tuple of arrays. Not modified.
        h: the step.

    Returns:
        float64 array of the shape of `x`; for a list or tuple of arrays, a list of arrays.

    Raises:
        ValueError: if f returns anything but one number.
    """
    if isinstance(x, list | tuple) and any(np.ndim(part) for part in x):
        parts = [np.array(part, dtype=np.float64) for part in x]
        make = type(x) if type(x) in (list, tuple) else list
        return [
            _slopes(lambda: f(make(part.copy() for part in parts)), moved, h) for moved in parts
        ]
    point = np.array(x, dtype=np.float64)
    return _slopes(lambda: f(point.copy() if point.ndim else float(point)), point, h)


def _slopes(evaluate: Callable[[], Any], moved: np.ndarray, h: float) -> np.ndarray:
    """Move one array, element by element and in place, and measure what the function does."""
    slopes = np.empty(moved.shape)
    for index in np.ndindex(moved.shape):
        here = moved[index]
        moved[index] = here + h
        above = _one_number(evaluate())
        moved[index] = here - h
        below = _one_number(evaluate())
        moved[index] = here
        slopes[index] = (above - below) / (2 * h)
    return slopes


def _one_number(value: Any) -> float:
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "biuf":
        raise ValueError(
            "a gradient is measured of a function that returns one number, "
            f"but this one returned an array of shape {array.shape}, {array.dtype}"
        )
    return float(array.reshape(()))


def relative_error(a: Any, b: Any) -> float:
    """Return how far two gradients are apart, by their norm: ‖a − b‖ / (‖a‖ + ‖b‖).

    Args:
        a: an array, or a list of arrays.
        b: the same, of the same shapes.

    Returns:
        A number from 0 to 1; 0 where both are zero, NaN where either holds NaN or infinity.
    """
    flat_a, flat_b = _flat(a), _flat(b)
    if flat_a.shape != flat_b.shape:
        raise ValueError(f"the two hold {flat_a.size} and {flat_b.size} numbers")
    scale = float(np.linalg.norm(flat_a) + np.linalg.norm(flat_b))
    if scale == 0:
        return 0.0
    if not np.isfinite(scale):
        return float("nan")
    return float(np.linalg.norm(flat_a - flat_b)) / scale


def _flat(value: Any) -> np.ndarray:
    if isinstance(value, list | tuple) and any(np.ndim(part) for part in value):
        return np.concatenate([np.ravel(np.asarray(part, dtype=np.float64)) for part in value])
    return np.ravel(np.asarray(value, dtype=np.float64))
