"""Likely causes in how the numbers are arranged: wrong shapes, wrong order."""

import numpy as np

from helpers.checks.evidence import Cause, Evidence, distinct
from helpers.checks.tolerance import wide


def of_shape(came: tuple[int, ...], wanted: tuple[int, ...]) -> str | None:
    """Name the likely cause of a wrong shape, from the shapes alone.

    Args:
        came: the shape of the student's result.
        wanted: the shape wanted.

    Returns:
        The words, or None.
    """
    if came == wanted[::-1] and came != wanted:
        return "the axes come in reverse order: transposed?"
    if _without_ones(came) == _without_ones(wanted):
        if len(came) > len(wanted):
            return "an axis of length 1 too many: `keepdims=True`, or (N, 1) kept where (N,) is due"
        if len(came) < len(wanted):
            return "an axis was dropped: `keepdims=True`, or a slice `[:, i:i+1]`, keeps it"
        return None
    rows = _without_ones(wanted)
    if len(rows) == 1 and came == rows * 2:
        return "broadcasting to (N, N): an array (N, 1) met one of shape (N,)"
    return None


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def wrong_shape(evidence: Evidence) -> Cause | None:
    """A transposed result, or an axis of length 1 too many or too few."""
    got, expected = evidence.got, evidence.expected
    words = of_shape(got.shape, expected.shape)
    if words is None:
        return None
    if got.shape == expected.shape[::-1]:
        right = evidence.explained_by(got.T)
        return Cause("the right numbers, but transposed") if right else None
    return Cause(words)


def axes_swapped(evidence: Evidence) -> Cause | None:
    """Two axes that changed places."""
    got = evidence.got
    for first in range(got.ndim):
        for second in range(first + 1, got.ndim):
            if evidence.explained_by(np.swapaxes(got, first, second)):
                if got.ndim == 2:
                    return Cause("the right numbers, but transposed")
                return Cause(f"axes {first} and {second} changed places")
    return None


def one_entry_too_many(evidence: Evidence) -> Cause | None:
    """A first or last row or column that should not be there, or is missing."""
    got, expected = evidence.got, evidence.expected
    if got.ndim != expected.ndim:
        return None
    different = [axis for axis in range(got.ndim) if got.shape[axis] != expected.shape[axis]]
    if len(different) != 1 or min(got.shape[different[0]], expected.shape[different[0]]) < 2:
        return None
    axis = different[0]
    came, wanted = np.moveaxis(got, axis, 0), np.moveaxis(expected, axis, 0)
    if len(came) == len(wanted) + 1:
        what = "one too many: the {} one should not be there"
        candidates = {"first": came[1:], "last": came[:-1]}
    elif len(came) + 1 == len(wanted):
        what = "one too few: the {} one is missing"
        candidates = {
            "first": np.concatenate([wanted[:1], came]),
            "last": np.concatenate([came, wanted[-1:]]),
        }
    else:
        return None
    for name, candidate in candidates.items():
        if evidence.explained_by(np.moveaxis(candidate, 0, axis)):
            return Cause(f"along axis {axis} {what.format(name)}")
    return None


def reshaped(evidence: Evidence) -> Cause | None:
    """The right numbers in the right order, in another shape."""
    if evidence.got.size == evidence.expected.size > 1 and evidence.explained_by(
        evidence.got.reshape(evidence.expected.shape)
    ):
        return Cause("the right numbers in the right order; only the shape is wrong: `reshape`?")
    return None


def transposed(evidence: Evidence) -> Cause | None:
    """Axes that changed places in a square array."""
    if distinct(evidence.expected) < 3 and evidence.expected.size > 4:
        return None
    return axes_swapped(evidence)


def reversed_axis(evidence: Evidence) -> Cause | None:
    """An axis that runs the other way."""
    if distinct(evidence.expected) < 3:
        return None
    for axis in range(evidence.got.ndim):
        if evidence.explained_by(np.flip(evidence.got, axis)):
            if evidence.got.shape[axis] == 2:
                return Cause(f"the two entries along axis {axis} are exchanged")
            return Cause(f"reversed along axis {axis}")
    return None


def shifted(evidence: Evidence) -> Cause | None:
    """Rows that stand one place too far on or too early."""
    got, expected = evidence.got, evidence.expected
    if distinct(expected) < 3:
        return None
    for axis in range(got.ndim):
        came, wanted = np.moveaxis(got, axis, 0), np.moveaxis(expected, axis, 0)
        if len(came) < 3 or distinct(wanted[1:-1]) < 2:
            continue
        for candidate, words in (
            (np.concatenate([came[1:], wanted[-1:]]), "one place late"),
            (np.concatenate([wanted[:1], came[:-1]]), "one place early"),
        ):
            if evidence.explained_by(np.moveaxis(candidate, 0, axis)):
                return Cause(f"off by one along axis {axis}: every entry comes {words}")
    return None


def rows_permuted(evidence: Evidence) -> Cause | None:
    """The right rows in another order, or the right numbers within each row."""
    got, expected = evidence.got, evidence.expected
    if not evidence.is_real or got.ndim == 0 or len(got) < 3:
        return None
    came, wanted = wide(got).reshape(len(got), -1), wide(expected).reshape(len(got), -1)
    if distinct(wanted[:, 0]) == len(wanted):
        came_order, wanted_order = np.lexsort(came.T[::-1]), np.lexsort(wanted.T[::-1])
        candidate = np.empty_like(came)
        candidate[wanted_order] = came[came_order]
        if evidence.explained_by(candidate.reshape(expected.shape)):
            word = "rows" if got.ndim > 1 else "numbers"
            return Cause(f"the right {word} in another order")
    if got.ndim < 2 or expected.shape[-1] < 2 or distinct(expected) < 3:
        return None
    rank = np.argsort(np.argsort(wide(expected), axis=-1, kind="stable"), axis=-1, kind="stable")
    candidate = np.take_along_axis(np.sort(wide(got), axis=-1), rank, axis=-1)
    if evidence.explained_by(candidate):
        return Cause("within each row the right numbers stand in another order")
    return None
