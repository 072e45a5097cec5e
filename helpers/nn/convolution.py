"""Convolution of batches of images, and its slopes, by NumPy alone; at the speed of a library.

A convolution is a matrix product in disguise: `im2col` lays every window of the input into a column
(Chellapilla, Puri & Simard 2006), and weights times columns are the outputs. The whole matrix of
columns would be kH · kW times as large as the input. So we make, use and forget it tile by tile: a
tile is some rows of an image, or many small images, and its columns stay in the processor's cache
(Anderson et al. 2017 save the memory in other ways). In single precision, 3 × 3 filters with many
channels take a shorter way: see `helpers.nn.winograd`.

Images are (N, C, H, W); weights (M, C / groups, kH, kW), where M counts the output channels.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.nn import winograd
from helpers.nn.layers import Layer
from helpers.nn.windows import Pair, Windows, pair, precision

TILE = 1 << 18  # numbers in a tile's columns: 1 MB in single precision
LEAST_COLUMNS = 192  # of a tile; with fewer, moving the weights takes longer than using them
MANY = 8  # images; with fewer in a tile, but more than one, runs are too short to copy fast


def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> np.ndarray:
    """Slide every filter over every image (cross-correlation; Dumoulin & Visin 2016).

    Args:
        x: images, (N, C, H, W).
        weight: filters, (M, C / groups, kH, kW).
        bias: one number for each filter, (M,); None adds nothing.
        stride: step from window to window, one number or (down, right); padding and dilation alike.
        padding: zeros around each image, on each side.
        dilation: distance of neighbouring entries of a filter on the image.
        groups: C and M fall into this many equal parts; filters of a part see its channels only.

    Returns:
        Array of shape (N, M, H', W'), float32 where x and weight both are, otherwise float64;
        H' = ⌊(H + 2 padding − dilation (kH − 1) − 1) / stride⌋ + 1, and W' likewise.

    Raises:
        ValueError: shapes or settings do not fit together.
    """
    dtype = precision(x, weight)
    x, weight = np.asarray(x, dtype), np.asarray(weight, dtype)
    plan = _plan(x, weight, stride, padding, dilation, groups)
    if bias is not None:
        bias = np.asarray(bias, dtype)
        if bias.shape != (len(weight),):
            raise ValueError(f"bias has shape {bias.shape}, but there are {len(weight)} filters")
    if plan.is_for_winograd(dtype):
        return winograd.convolve(x, weight, bias, plan.windows.padding)

    y = np.empty((len(x), plan.filters, *plan.windows.output), dtype)
    W = weight.reshape(groups, plan.filters // groups, -1)
    for tile in plan.tiles(len(x)):
        into = y[tile.images, :, tile.rows].transpose(1, 2, 3, 0)
        outputs = (W @ _columns(x, plan, tile)).reshape(into.shape)
        if bias is not None:
            outputs += bias[:, None, None, None]
        into[...] = outputs
    return y


def conv2d_backward(
    upstream: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    *,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn the slopes of `conv2d`'s output into those of its three arguments.

    Every step of the way there is linear, and its transpose leads back: slopes of the weights are
    upstream · columnsᵀ, those of the columns weightsᵀ · upstream, and where windows overlapped,
    slopes of columns add up in the image (Goodfellow, Bengio & Courville 2016, section 9.5).

    Args:
        upstream: slopes of the loss with respect to the output, (N, M, H', W').
        x: images, as they went forward, (N, C, H, W).
        weight: filters, as they went forward, (M, C / groups, kH, kW).
        stride: as it went forward; padding, dilation and groups alike.
        padding: see stride.
        dilation: see stride.
        groups: see stride.

    Returns:
        dx, dweight, dbias, of the shapes of x, weight and (M,); float32 where all three arrays are.

    Raises:
        ValueError: shapes or settings do not fit together.
    """
    dtype = precision(upstream, x, weight)
    upstream, x, weight = (np.asarray(array, dtype) for array in (upstream, x, weight))
    plan = _plan(x, weight, stride, padding, dilation, groups)
    expected = (len(x), plan.filters, *plan.windows.output)
    if upstream.shape != expected:
        raise ValueError(f"upstream has shape {upstream.shape}, but the output {expected}")
    dbias = upstream.sum(axis=(0, 2, 3))
    if plan.is_for_winograd(dtype):
        return *winograd.backward(upstream, x, weight, plan.windows.padding), dbias

    W = weight.reshape(groups, plan.filters // groups, -1)
    dx, dW = np.zeros(x.shape, dtype), np.zeros(W.shape, dtype)
    for tile in plan.tiles(len(x)):
        columns = _columns(x, plan, tile)
        slopes = upstream[tile.images, :, tile.rows].transpose(1, 2, 3, 0)
        slopes = slopes.reshape(groups, plan.filters // groups, -1)
        dW += slopes @ columns.swapaxes(1, 2)
        _add_columns(dx, W.swapaxes(1, 2) @ slopes, plan, tile)
    return dx, dW.reshape(weight.shape), dbias


class Conv2d(Layer):
    """A convolutional layer (LeCun et al. 1998).

    Args:
        W: filters, (M, C / groups, kH, kW); kept, not copied.
        b: biases, (M,); kept, not copied. None: the layer has none.
        stride: as in `conv2d`; padding, dilation and groups alike.
        padding: see stride.
        dilation: see stride.
        groups: see stride.
    """

    def __init__(
        self,
        W: np.ndarray,
        b: np.ndarray | None,
        *,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
    ):
        self.W, self.b = W, b
        self.dW, self.db = np.zeros_like(W), np.zeros(len(W), W.dtype)
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Map (N, C, H, W) to (N, M, H', W')."""
        self.x = x
        return conv2d(
            x,
            self.W,
            self.b,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Store dW and db, and map (N, M, H', W') to (N, C, H, W)."""
        dx, self.dW, self.db = conv2d_backward(
            gradient,
            self.x,
            self.W,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )
        return dx

    def parameters(self) -> list[np.ndarray]:
        """List W and, where there is one, b."""
        return [self.W] if self.b is None else [self.W, self.b]

    def gradients(self) -> list[np.ndarray]:
        """List dW and, where there is a b, db."""
        return [self.dW] if self.b is None else [self.dW, self.db]


@dataclass(frozen=True)
class _Tile:
    """Some images, and some rows of their outputs."""

    images: slice
    rows: slice


@dataclass(frozen=True)
class _Plan:
    """What is known of a convolution before its first number."""

    channels: int
    filters: int
    groups: int
    windows: Windows

    @property
    def rows_of_columns(self) -> int:
        """Entries of a column, all groups together."""
        return self.channels * self.windows.kernel[0] * self.windows.kernel[1]

    def tiles(self, images: int) -> Iterator[_Tile]:
        """Cut a batch into tiles: some rows of an image, a whole one, or many small ones."""
        height, width = self.windows.output
        columns = max(TILE // max(self.rows_of_columns, self.filters), LEAST_COLUMNS)
        together = columns // (height * width)
        if height * width >= LEAST_COLUMNS and together < MANY:
            step = max(columns // width, 1)
            for n in range(images):
                for row in range(0, height, step):
                    yield _Tile(slice(n, n + 1), slice(row, min(row + step, height)))
            return
        count = math.ceil(images / max(together, MANY))
        for k in range(count):
            part = slice(images * k // count, images * (k + 1) // count)
            yield _Tile(part, slice(0, height))

    def rows_covered(self, tile: _Tile) -> tuple[int, int]:
        """First row under a tile's windows, and the one after the last; images begin at row 0."""
        stride, padding = self.windows.stride[0], self.windows.padding[0]
        last = (tile.rows.stop - 1) * stride - padding
        return tile.rows.start * stride - padding, last + self.windows.reach[0]

    def rows_seen(self, tile: _Tile) -> slice:
        """Those of these rows that are no padding."""
        start, stop = (min(max(row, 0), self.windows.image[0]) for row in self.rows_covered(tile))
        return slice(start, stop)

    def is_for_winograd(self, dtype: np.dtype) -> bool:
        """Tell whether the shorter way of `winograd` is open, and shorter."""
        windows = self.windows
        return (
            dtype == np.float32
            and self.groups == 1
            and windows.kernel == (3, 3)
            and windows.stride == windows.dilation == (1, 1)
            and max(windows.padding) <= 2
            and winograd.pays(self.channels, self.filters, windows.output)
        )


def _plan(
    x: np.ndarray,
    weight: np.ndarray,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> _Plan:
    """Check that shapes and settings fit, and say what follows from them."""
    if x.ndim != 4 or weight.ndim != 4:
        raise ValueError(
            "x is (N, C, H, W) and weight (M, C / groups, kH, kW), "
            f"but they have shapes {x.shape} and {weight.shape}"
        )
    filters, seen = weight.shape[:2]
    if groups < 1 or filters < 1 or filters % groups or not 1 <= seen * groups == x.shape[1]:
        raise ValueError(
            f"{groups} groups do not fit {x.shape[1]} channels and weights of shape {weight.shape}"
        )
    windows = Windows(
        (x.shape[2], x.shape[3]),
        (weight.shape[2], weight.shape[3]),
        pair(stride, "stride", 1),
        pair(padding, "padding", 0),
        pair(dilation, "dilation", 1),
    )
    return _Plan(x.shape[1], filters, groups, windows)


def _columns(x: np.ndarray, plan: _Plan, tile: _Tile) -> np.ndarray:
    """Lay the windows of a tile into columns: (groups, C / groups · kH · kW, columns).

    The images come last, so that small ones are copied in long runs too. `reshape` copies only if
    it must: for 1 × 1 filters on one image, the columns are the image.
    """
    part = frame = x[tile.images, :, plan.rows_seen(tile)].transpose(1, 2, 3, 0)
    if plan.windows.padding != (0, 0) or part.shape[-1] > 1:
        frame, inside = _frame(part, plan, tile)
        inside[...] = part
    windows = sliding_window_view(frame, plan.windows.reach, axis=(1, 2))
    (sh, sw), (dh, dw) = plan.windows.stride, plan.windows.dilation
    windows = windows[:, ::sh, ::sw, :, ::dh, ::dw].transpose(0, 4, 5, 1, 2, 3)
    return windows.reshape(plan.groups, plan.rows_of_columns // plan.groups, -1)


def _add_columns(dx: np.ndarray, dcolumns: np.ndarray, plan: _Plan, tile: _Tile) -> None:
    """Add the slopes of a tile's columns to those of the pixels that were copied there."""
    part = dx[tile.images, :, plan.rows_seen(tile)].transpose(1, 2, 3, 0)
    frame, inside = _frame(part, plan, tile)
    down, across = tile.rows.stop - tile.rows.start, plan.windows.output[1]
    entries = dcolumns.reshape(plan.channels, *plan.windows.kernel, down, across, -1)
    (sh, sw), (dh, dw) = plan.windows.stride, plan.windows.dilation
    for i, j in np.ndindex(plan.windows.kernel):
        pixels = frame[:, i * dh :: sh, j * dw :: sw][:, :down, :across]
        pixels += entries[:, i, j]
    part += inside


def _frame(part: np.ndarray, plan: _Plan, tile: _Tile) -> tuple[np.ndarray, np.ndarray]:
    """Zeros of the size that a tile's windows cover, and a view of them where the images lie."""
    top, bottom = plan.rows_covered(tile)
    left, width = plan.windows.padding[1], plan.windows.image[1]
    frame = np.zeros((len(part), bottom - top, width + 2 * left, part.shape[-1]), part.dtype)
    above = plan.rows_seen(tile).start - top
    return frame, frame[:, above : above + part.shape[1], left : left + width]
