"""Convolution by 3 × 3 filters with a quarter of the multiplications.

By definition, a filter of 3 × 3 needs 9 products for each of 4 × 4 outputs, 144 in all. But
convolving is multiplying polynomials, and a product of polynomials is known everywhere once it is
known at a few points: six along each axis, 36 in all (Winograd 1980; Lavin & Gray 2016 call it
F(4 × 4, 3 × 3)). With d a patch of 6 × 6 inputs, g a filter, and ⊙ the product of entries:

    outputs = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A

Summed over channels, ⊙ becomes 36 matrix products, one for each place of a patch. The maps around
it are matrix products too: flattened, d ↦ Bᵀ d B is Bᵀ ⊗ Bᵀ times d. Channels come last here, so
that patches are copied in long runs. One tile of patches is worked on at a time; beside it, memory
holds 36 numbers for each pair of channels, four times the weights.

The price is rounding, for the maps add and subtract numbers larger than the result: in single
precision the error is about 1e-5 of the largest output, and an input that is infinite or NaN spoils
all outputs of its patch. So double precision, which gradient checks use, does not come here.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

TILE = 112  # patches
LEAST_CHANNELS = 24

# The points are 0, 1, −1, 2, −2 and ∞. Rows of A and G hold their powers, those of G divided by the
# numbers that make the sum come out right. A column of B holds the coefficients of the polynomial
# that is 0 at all other points: the first is (x² − 1)(x² − 4) = 4 − 5x² + x⁴.
A = np.array(
    [[1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 1, -1], [1, 2, 4, 8], [1, -2, 4, -8], [0, 0, 0, 1]]
)
B = np.array(
    [
        [4, 0, 0, 0, 0, 0],
        [0, -4, 4, -2, 2, 4],
        [-5, -4, -4, -1, -1, 0],
        [0, 1, -1, 2, -2, -5],
        [1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ]
)
G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24

FROM_PATCH = np.kron(B.T, B.T).astype(np.float32)  # (36, 36)
FROM_FILTER = np.kron(G, G).astype(np.float32)  # (36, 9)
TO_OUTPUT = np.kron(A.T, A.T).astype(np.float32)  # (16, 36)


@dataclass(frozen=True)
class _Tile:
    """Patches of some images: `down` rows of `across` patches each, from row `first` on."""

    images: slice
    first: int
    down: int
    across: int


def pays(channels: int, filters: int, output: tuple[int, int]) -> bool:
    """Tell whether this way is worth its maps.

    Args:
        channels: of the input.
        filters: how many.
        output: height and width of the output.

    Returns:
        True where there are channels enough, and patches do not stick out of the image too far.
    """
    down, across = (-(-size // 4) for size in output)
    saved = 9 * output[0] * output[1] / (36 * down * across)
    return min(channels, filters) >= LEAST_CHANNELS and saved >= 2


def convolve(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, padding: tuple[int, int]
) -> np.ndarray:
    """Convolve with stride 1.

    Args:
        x: images, float32, (N, C, H, W).
        weight: filters, float32, (M, C, 3, 3).
        bias: (M,) or None.
        padding: zeros above and below, and left and right.

    Returns:
        float32 array of shape (N, M, H + 2 padding − 2, W + 2 padding − 2).
    """
    filters, channels = weight.shape[:2]
    height, width = (size + 2 * p - 2 for size, p in zip(x.shape[2:], padding, strict=True))
    U = FROM_FILTER @ weight.transpose(2, 3, 1, 0).reshape(9, -1)
    U = U.reshape(36, channels, filters)
    y = np.empty((len(x), filters, height, width), np.float32)
    for tile in _tiles(len(x), height, width):
        block = _convolve(x, U, tile, padding)
        if bias is not None:
            block += bias
        rows = slice(4 * tile.first, min(4 * (tile.first + tile.down), height))
        count = rows.stop - rows.start
        y[tile.images, :, rows] = block[:, :count, :width].transpose(0, 3, 1, 2)
    return y


def backward(
    upstream: np.ndarray, x: np.ndarray, weight: np.ndarray, padding: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Turn the slopes of `convolve`'s output into those of x and of the weights.

    Those of x are again a convolution, of upstream by the filters turned half round. Those of the
    weights go the way forward in reverse, each matrix transposed.

    Args:
        upstream: slopes of the output, float32, (N, M, H', W').
        x: as it went forward, (N, C, H, W).
        weight: as it went forward, (M, C, 3, 3).
        padding: as it went forward, at most 2.

    Returns:
        dx and dweight, float32, of the shapes of x and weight.
    """
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    dx = convolve(upstream, turned, None, (2 - padding[0], 2 - padding[1]))

    filters, channels = weight.shape[:2]
    height, width = upstream.shape[2:]
    dU = np.zeros((36, channels, filters), np.float32)
    for tile in _tiles(len(x), height, width):
        _add_products(dU, x, upstream, tile, padding)
    dweight = (FROM_FILTER.T @ dU.reshape(36, -1)).reshape(9, channels, filters)
    return dx, np.ascontiguousarray(dweight.transpose(2, 1, 0)).reshape(weight.shape)


def _tiles(images: int, height: int, width: int) -> Iterator[_Tile]:
    """Cut a batch into tiles: several small images, or some rows of a large one."""
    down, across = -(-height // 4), -(-width // 4)
    if down * across > TILE:
        step = max(TILE // across, 1)
        for n in range(images):
            for row in range(0, down, step):
                yield _Tile(slice(n, n + 1), row, min(step, down - row), across)
        return
    count = math.ceil(images / (TILE // (down * across)))
    for k in range(count):
        part = slice(images * k // count, images * (k + 1) // count)
        yield _Tile(part, 0, down, across)


def _convolve(x: np.ndarray, U: np.ndarray, tile: _Tile, padding: tuple[int, int]) -> np.ndarray:
    """The outputs of a tile, channels last: (images, 4 · down, 4 · across, filters)."""
    values = _map_patches(x, tile, padding) @ U
    outputs = TO_OUTPUT @ values.reshape(36, -1)
    places = outputs.reshape(4, 4, -1, tile.down, tile.across, U.shape[2])
    image = places.transpose(2, 3, 0, 4, 1, 5)
    return image.reshape(-1, 4 * tile.down, 4 * tile.across, U.shape[2])


def _add_products(
    dU: np.ndarray,
    x: np.ndarray,
    upstream: np.ndarray,
    tile: _Tile,
    padding: tuple[int, int],
) -> None:
    """Add to dU, (36, channels, filters), what a tile contributes: `_convolve` in reverse."""
    image = _channels_last(upstream, tile, (0, 0))[:, :-2, :-2]
    places = image.reshape(-1, tile.down, 4, tile.across, 4, dU.shape[2])
    outputs = places.transpose(2, 4, 0, 1, 3, 5).reshape(16, -1)
    values = (TO_OUTPUT.T @ outputs).reshape(36, -1, dU.shape[2])
    for sums, patches, slopes in zip(dU, _map_patches(x, tile, padding), values, strict=True):
        sums += patches.T @ slopes


def _map_patches(x: np.ndarray, tile: _Tile, padding: tuple[int, int]) -> np.ndarray:
    """Bᵀ d B of all patches d of a tile: (36, patches, channels)."""
    image = _channels_last(x, tile, padding)
    patches = sliding_window_view(image, (6, 6), axis=(1, 2))[:, ::4, ::4]
    patches = patches.transpose(4, 5, 0, 1, 2, 3).reshape(36, -1)
    return (FROM_PATCH @ patches).reshape(36, -1, x.shape[1])


def _channels_last(x: np.ndarray, tile: _Tile, padding: tuple[int, int]) -> np.ndarray:
    """What the patches of a tile cover, and zeros around it: (N, 4 down + 2, 4 across + 2, C).

    The zeros come first, then the change of axes, which would be slow on images of 32 × 32: entries
    that are a power of two apart share a place in the cache.
    """
    top, left = 4 * tile.first - padding[0], -padding[1]
    height, width = 4 * tile.down + 2, 4 * tile.across + 2
    part = x[tile.images, :, max(top, 0) : max(top + height, 0), : max(left + width, 0)]
    above, before = max(-top, 0), padding[1]
    frame = np.zeros((*part.shape[:2], height, width), np.float32)
    frame[:, :, above : above + part.shape[2], before : before + part.shape[3]] = part
    return np.ascontiguousarray(frame.transpose(0, 2, 3, 1))
