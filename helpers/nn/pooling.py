"""Pooling of images: the largest or the mean entry of each window, and the slopes.

No window is copied. We walk over the places of a window instead, and at each place see that entry
of all windows at once, as a view of the images. Images are (N, C, H, W).
"""

import math
from collections.abc import Iterator

import numpy as np

from helpers.nn.layers import Layer
from helpers.nn.windows import Pair, Windows, pair, precision


def max_pool2d(
    x: np.ndarray, size: Pair, stride: Pair | None = None, padding: Pair = 0
) -> np.ndarray:
    """Take the largest entry of every window (Ranzato et al. 2007).

    Args:
        x: images, (N, C, H, W).
        size: of a window, one number or (height, width).
        stride: step from window to window, one number or (down, right); None: the size.
        padding: entries around each image, on each side, that are never the largest.

    Returns:
        Array of shape (N, C, H', W') with H' = ⌊(H + 2 padding − size) / stride⌋ + 1, W' likewise;
        float32 where x is, otherwise float64. A window with a NaN gives NaN.

    Raises:
        ValueError: no window fits, or one would lie in the padding alone.
    """
    x = np.asarray(x, precision(x))
    windows = _windows(x, size, stride, padding)
    return _largest(_frame(x, windows, -np.inf), windows)


def max_pool2d_backward(
    upstream: np.ndarray, x: np.ndarray, size: Pair, stride: Pair | None = None, padding: Pair = 0
) -> np.ndarray:
    """Hand the slope of every window to its largest entry, of equal ones to the first.

    Args:
        upstream: slopes of the loss with respect to the output, (N, C, H', W').
        x: images, as they went forward, (N, C, H, W).
        size: as it went forward; stride and padding alike.
        stride: see size.
        padding: see size.

    Returns:
        Slopes of x, of its shape; where windows overlap, they add up. First means in reading
        order, row by row, as in torch.

    Raises:
        ValueError: shapes or settings do not fit together.
    """
    dtype = precision(upstream, x)
    upstream, x = np.asarray(upstream, dtype), np.asarray(x, dtype)
    windows = _windows(x, size, stride, padding)
    _check(upstream, x.shape, windows)
    frame = _frame(x, windows, -np.inf)
    largest = _largest(frame, windows)
    slopes = np.zeros_like(frame, order="C")
    waiting = np.ones(largest.shape, dtype=bool)  # for their largest entry
    for entries, slope in zip(_walk(frame, windows), _walk(slopes, windows), strict=True):
        found = waiting & ((entries == largest) | np.isnan(entries))
        slope += np.where(found, upstream, 0)
        waiting &= ~found
    return _inside(slopes, windows)


def avg_pool2d(
    x: np.ndarray, size: Pair, stride: Pair | None = None, padding: Pair = 0
) -> np.ndarray:
    """Take the mean of every window (LeCun et al. 1998); zeros of the padding count.

    Args:
        x: images, (N, C, H, W).
        size: of a window, one number or (height, width).
        stride: step from window to window, one number or (down, right); None: the size.
        padding: zeros around each image, on each side.

    Returns:
        Array of shape (N, C, H', W'), as for `max_pool2d`.

    Raises:
        ValueError: no window fits, or one would lie in the padding alone.
    """
    x = np.asarray(x, precision(x))
    windows = _windows(x, size, stride, padding)
    total = np.zeros((*x.shape[:2], *windows.output), x.dtype)
    for entries in _walk(_frame(x, windows, 0.0), windows):
        total += entries
    total /= windows.kernel[0] * windows.kernel[1]
    return total


def avg_pool2d_backward(
    upstream: np.ndarray, x: np.ndarray, size: Pair, stride: Pair | None = None, padding: Pair = 0
) -> np.ndarray:
    """Spread the slope of every window evenly over its entries.

    Args:
        upstream: slopes of the loss with respect to the output, (N, C, H', W').
        x: images, as they went forward, (N, C, H, W); only their shape and type matter.
        size: as it went forward; stride and padding alike.
        stride: see size.
        padding: see size.

    Returns:
        Slopes of x, of its shape; where windows overlap, they add up.

    Raises:
        ValueError: shapes or settings do not fit together.
    """
    dtype = precision(upstream, x)
    windows = _windows(x, size, stride, padding)
    _check(upstream, x.shape, windows)
    share = np.asarray(upstream, dtype) / (windows.kernel[0] * windows.kernel[1])
    slopes = np.zeros(_frame_shape(x.shape, windows), dtype)
    for slope in _walk(slopes, windows):
        slope += share
    return _inside(slopes, windows)


class _Pool(Layer):
    """A layer with windows.

    Args:
        size: as in `max_pool2d` and `avg_pool2d`; stride and padding alike.
        stride: see size.
        padding: see size.
    """

    def __init__(self, size: Pair, stride: Pair | None = None, padding: Pair = 0):
        self.size, self.stride, self.padding = size, stride, padding


class MaxPool2d(_Pool):
    """The largest entry of every window; `size`, `stride` and `padding` as in `max_pool2d`."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Map (N, C, H, W) to (N, C, H', W')."""
        self.x = x
        return max_pool2d(x, self.size, self.stride, self.padding)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Map (N, C, H', W') to (N, C, H, W)."""
        return max_pool2d_backward(gradient, self.x, self.size, self.stride, self.padding)


class AvgPool2d(_Pool):
    """The mean of every window; `size`, `stride` and `padding` as in `avg_pool2d`."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Map (N, C, H, W) to (N, C, H', W')."""
        self.x = x
        return avg_pool2d(x, self.size, self.stride, self.padding)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Map (N, C, H', W') to (N, C, H, W)."""
        return avg_pool2d_backward(gradient, self.x, self.size, self.stride, self.padding)


class Flatten(Layer):
    """Each image as one row of numbers."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Map (N, …) to (N, D)."""
        self.shape = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Map (N, D) to (N, …)."""
        return gradient.reshape(self.shape)


def _windows(x: np.ndarray, size: Pair, stride: Pair | None, padding: Pair) -> Windows:
    if x.ndim != 4:
        raise ValueError(f"x is (N, C, H, W), but has shape {x.shape}")
    kernel, border = pair(size, "size", 1), pair(padding, "padding", 0)
    if any(2 * width > length for width, length in zip(border, kernel, strict=True)):
        raise ValueError(f"padding {padding!r} is more than half the size {size!r} of a window")
    step = kernel if stride is None else pair(stride, "stride", 1)
    return Windows((x.shape[2], x.shape[3]), kernel, step, border)


def _check(upstream: np.ndarray, shape: tuple[int, ...], windows: Windows) -> None:
    expected = (*shape[:2], *windows.output)
    if upstream.shape != expected:
        raise ValueError(f"upstream has shape {upstream.shape}, but the output {expected}")


def _largest(frame: np.ndarray, windows: Windows) -> np.ndarray:
    largest = np.full((*frame.shape[:2], *windows.output), -np.inf, frame.dtype)
    for entries in _walk(frame, windows):
        np.maximum(largest, entries, out=largest)
    return largest


def _walk(frame: np.ndarray, windows: Windows) -> Iterator[np.ndarray]:
    """Go over the places of a window in reading order, and view that entry of all windows."""
    (sh, sw), (down, across) = windows.stride, windows.output
    for i, j in np.ndindex(windows.kernel):
        yield frame[:, :, i::sh, j::sw][:, :, :down, :across]


def _frame_shape(shape: tuple[int, ...], windows: Windows) -> tuple[int, ...]:
    return *shape[:2], shape[2] + 2 * windows.padding[0], shape[3] + 2 * windows.padding[1]


def _frame(x: np.ndarray, windows: Windows, border: float) -> np.ndarray:
    """The images with a border all round; themselves, where there is no padding."""
    if windows.padding == (0, 0):
        return x
    frame = np.full(_frame_shape(x.shape, windows), border, x.dtype)
    _inside(frame, windows)[...] = x
    return frame


def _inside(frame: np.ndarray, windows: Windows) -> np.ndarray:
    (top, left), (height, width) = windows.padding, windows.image
    return frame[:, :, top : top + height, left : left + width]
