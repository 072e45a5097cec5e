"""What a likely cause is made of, and what it is found from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cause:
    """A likely cause, in words.

    Attributes:
        text: the words, with numbers where they help.
        hidden: the words without numbers; None where `text` has none.
    """

    text: str
    hidden: str | None = None


@dataclass(frozen=True)
class Evidence:
    """What a cause looks at.

    Attributes:
        got: the student's array.
        expected: the array wanted; its shape may differ.
        judge: says whether a candidate of the shape of `expected` agrees with it.
    """

    got: np.ndarray
    expected: np.ndarray
    judge: Callable[[np.ndarray], bool]

    @property
    def is_real(self) -> bool:
        """Whether both arrays are real."""
        return self.got.dtype.kind != "c" and self.expected.dtype.kind != "c"

    @property
    def is_real_and_finite(self) -> bool:
        """Whether both are real, and what is expected holds neither NaN nor infinity."""
        return self.is_real and bool(np.isfinite(self.expected).all())

    def explained_by(self, candidate: np.ndarray) -> bool:
        """Say whether the mistake, undone, gives what was expected.

        Args:
            candidate: the student's array with the mistake undone.
        """
        return candidate.shape == self.expected.shape and self.judge(candidate)


def distinct(array: np.ndarray) -> int:
    """Count the different values of an array.

    Args:
        array: any array of numbers.

    Returns:
        How many values occur in it.
    """
    return len(np.unique(array))
