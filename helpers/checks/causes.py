"""Likely causes: what in the numbers betrays the mistake.

Each cause is a small function that takes the evidence and returns a `Cause` only if it explains
all the numbers: the student's array, with that one mistake undone, agrees with the expected one
within the tolerance of the check.
"""

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
        rtol: the tolerance that the check was given, or None.
        atol: the same, absolute.
    """

    got: np.ndarray
    expected: np.ndarray
    rtol: float | None = None
    atol: float | None = None


def find(evidence: Evidence) -> Cause | None:
    """Name the likely cause.

    Args:
        evidence: the two arrays and the tolerance.

    Returns:
        The cause, or None where none explains all the numbers.
    """
    with np.errstate(all="ignore"):
        for cause in CAUSES:
            found = cause(evidence)
            if found:
                return found
    return None


def of_shape(came: tuple[int, ...], wanted: tuple[int, ...]) -> str | None:
    """Name the likely cause of a wrong shape, from the shapes alone.

    Args:
        came: the shape of the student's result.
        wanted: the shape wanted.

    Returns:
        The words, or None.
    """
    if came == wanted[::-1] and len(wanted) > 1:
        return "the result is transposed"
    if tuple(n for n in came if n != 1) == tuple(n for n in wanted if n != 1):
        if len(came) > len(wanted):
            return "an axis of length 1 too many: `keepdims=True`, or a column kept as (N, 1)"
        if len(came) < len(wanted):
            return "an axis was dropped: `keepdims=True` or a slice `[:, i:i+1]` keeps it"
    return None


CAUSES: tuple[Callable[[Evidence], Cause | None], ...] = ()
