"""Where windows lie on an image: sizes, steps and borders, for convolution and pooling."""

from dataclasses import dataclass

import numpy as np

Pair = int | tuple[int, int]


@dataclass(frozen=True)
class Windows:
    """All windows that fit on an image; pairs are (down, right) or (height, width).

    Raises:
        ValueError: none fits.
    """

    image: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if min(self.kernel) < 1 or min(self.output) < 1:
            raise ValueError(
                f"no window of {self.reach[0]} x {self.reach[1]} fits on an image of "
                f"{self.image[0]} x {self.image[1]} with padding {self.padding}"
            )

    @property
    def reach(self) -> tuple[int, int]:
        """Height and width of what one window covers."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return dh * (kh - 1) + 1, dw * (kw - 1) + 1

    @property
    def output(self) -> tuple[int, int]:
        """How many windows there are, down and across (Dumoulin & Visin 2016, section 5.1)."""
        (H, W), (ph, pw), (rh, rw) = self.image, self.padding, self.reach
        sh, sw = self.stride
        return (H + 2 * ph - rh) // sh + 1, (W + 2 * pw - rw) // sw + 1


def pair(value: Pair, name: str, least: int) -> tuple[int, int]:
    """Read one number, or a pair, as a pair.

    Args:
        value: what the caller gave.
        name: what the caller calls it.
        least: the smallest number allowed.

    Returns:
        (down, right).

    Raises:
        ValueError: not one or two whole numbers, or one of them is too small.
    """
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(isinstance(one, int | np.integer) for one in both):
        raise ValueError(f"{name} is a whole number or a pair (down, right), not {value!r}")
    if min(both) < least:
        raise ValueError(f"{name} is at least {least}, not {value!r}")
    return int(both[0]), int(both[1])


def precision(*arrays: np.ndarray) -> np.dtype:
    """Choose what to compute with.

    Args:
        arrays: of any types.

    Returns:
        float32 where all arrays are, otherwise float64.
    """
    single = all(np.asarray(array).dtype == np.float32 for array in arrays)
    return np.dtype(np.float32 if single else np.float64)
