"""Likely causes: what in the numbers betrays the mistake.

Each cause is a small function that takes the evidence and returns a `Cause` only if it explains
all the numbers: the student's array, with that one mistake undone, agrees with the expected one.
Those of values stand here, those of shape and order in `arrangement`.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from helpers.checks import arrangement
from helpers.checks.evidence import Cause, Evidence, distinct
from helpers.checks.tolerance import SINGLE_TOLERANCE, agreement, wide

LARGEST_COUNT = 10_000
LARGEST_ARRAY = 2_000_000
TINY = 1e-12


def find(evidence: Evidence) -> Cause | None:
    """Name the likely cause.

    Args:
        evidence: the two arrays and how they are compared.

    Returns:
        The first cause that explains all the numbers, or None.
    """
    if evidence.got.size == 0 or max(evidence.got.size, evidence.expected.size) > LARGEST_ARRAY:
        return None
    same_shape = evidence.got.shape == evidence.expected.shape
    with np.errstate(all="ignore"):
        for cause in SAME_SHAPE if same_shape else OTHER_SHAPE:
            found = cause(evidence)
            if found:
                return found
    return None


def not_finite(evidence: Evidence) -> Cause | None:
    """NaN or infinity where the expected numbers are finite, and nothing else wrong."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    bad = ~np.isfinite(got) & np.isfinite(expected)
    if not bad.any() or not evidence.explained_by(np.where(bad, expected, got)):
        return None
    if np.isnan(got[bad]).any():
        return Cause("NaN: from 0/0, inf − inf, inf/inf, or the logarithm or root of a negative")
    return Cause("an infinity: `exp` overflowed, or a division by 0, or the logarithm of 0")


def lost_in_rounding(evidence: Evidence) -> Cause | None:
    """Nothing is left of numbers that are tiny, and nothing else is wrong."""
    got, expected = evidence.got, wide(evidence.expected)
    lost = (got == 0) & (expected != 0)
    if got.dtype.kind not in "fc" or not lost.any() or np.abs(expected[lost]).max() > TINY:
        return None
    if not evidence.explained_by(np.where(lost, expected, got)):
        return None
    return Cause(
        "0 where a tiny number is wanted: lost in rounding, as `1 + x` is exactly 1 for a tiny x,"
        " or an underflow"
    )


def all_zeros(evidence: Evidence) -> Cause | None:
    """Nothing but zeros."""
    if evidence.got.any() or evidence.got.size < 2 or evidence.got.dtype.kind == "b":
        return None
    if np.count_nonzero(evidence.expected) < 2:
        return None
    return Cause("every number is 0: was the result never filled, or cut down to integers?")


def single_precision(evidence: Evidence) -> Cause | None:
    """Right but for the rounding of float32 or float16."""
    got, expected = evidence.got, evidence.expected
    if got.dtype.kind not in "fc" or expected.dtype.kind not in "fc":
        return None
    is_small = got.real.dtype.itemsize < 8
    if expected.real.dtype.itemsize < 8 or not np.isfinite(wide(got)).all():
        return None
    if not is_small and ((got == 0) & (expected != 0)).any():  # no rounding brings a 0 about
        return None
    narrow = got if is_small else got.astype(np.float32 if got.dtype.kind == "f" else np.complex64)
    if not (is_small or np.array_equal(wide(narrow), wide(got))):
        return None
    is_half = is_small and got.real.dtype.itemsize == 2
    allowed = (1e-2 if is_half else SINGLE_TOLERANCE) * np.maximum(1.0, np.abs(expected))
    if not agreement(got, expected, allowed).all():
        return None
    name = "float16" if is_half else "float32"
    return Cause(f"{name} where float64 came in: right but for the rounding")


def wrapped_around(evidence: Evidence) -> Cause | None:
    """Integers that ran over the end of their dtype."""
    got, expected = evidence.got, wide(evidence.expected)
    if got.dtype.kind not in "iu" or got.dtype.itemsize > 4 or expected.dtype.kind == "c":
        return None
    if not np.isfinite(expected).all() or np.abs(expected).max() > 2**53:
        return None
    bits = 8 * got.dtype.itemsize
    limits = np.iinfo(got.dtype)
    outside = (expected < limits.min) | (expected > limits.max)
    if outside.any() and np.array_equal(wide(got) % 2**bits, np.trunc(expected) % 2**bits):
        return Cause(
            f"{got.dtype} wrapped around: it holds {limits.min} to {limits.max} only",
            f"{got.dtype} wrapped around: it holds no larger numbers",
        )
    return None


def cut_to_integers(evidence: Evidence) -> Cause | None:
    """Fractions that were lost."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    if not evidence.is_real:
        return None
    if np.array_equal(expected, np.trunc(expected)) or not np.array_equal(got, np.trunc(got)):
        return None
    if evidence.got.size < 2 and evidence.got.dtype.kind == "f":
        return None
    if np.array_equal(got, np.floor(expected)) or np.array_equal(got, np.trunc(expected)):
        return Cause("the fractions were cut off: an integer dtype, or `//` where `/` is asked")
    if np.array_equal(got, np.round(expected)):
        return Cause("the numbers were rounded to integers")
    return None


def sign_flipped(evidence: Evidence) -> Cause | None:
    """The right numbers with the wrong sign."""
    if evidence.expected.any() and evidence.explained_by(-wide(evidence.got)):
        return Cause("the sign: every number is the negative of the expected one")
    return None


def sign_lost(evidence: Evidence) -> Cause | None:
    """Right but for the signs of some."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    if not evidence.is_real or distinct(np.abs(expected)) < 3:
        return None
    if (expected >= 0).all() and evidence.explained_by(np.abs(got)):
        return Cause("the absolute value is missing")
    if (got >= 0).all() and evidence.explained_by(np.where(expected < 0, -got, got)):
        return Cause("the absolute value was taken where the sign is needed")
    return None


def other_labels(evidence: Evidence) -> Cause | None:
    """Labels 0/1 for −1/+1, or the two classes exchanged."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    if not evidence.is_real or distinct(expected) != 2:
        return None
    came, wanted = set(np.unique(got)), set(np.unique(expected))
    if came <= {0.0, 1.0} and wanted == {-1.0, 1.0} and np.array_equal(2 * got - 1, expected):
        return Cause(
            "labels 0 and 1 where −1 and +1 are asked",
            "labels of the one kind (zero, one) where the other (minus one, plus one) is asked",
        )
    if came <= {-1.0, 1.0} and wanted == {0.0, 1.0} and np.array_equal((got + 1) / 2, expected):
        return Cause(
            "labels −1 and +1 where 0 and 1 are asked",
            "labels of the one kind (minus one, plus one) where the other (zero, one) is asked",
        )
    if wanted == {0.0, 1.0} and np.array_equal(1 - got, expected):
        return Cause("the two answers are exchanged: is a comparison the wrong way round?")
    return None


def complement(evidence: Evidence) -> Cause | None:
    """One minus the right number."""
    got = wide(evidence.got)
    if distinct(evidence.expected) >= 2 and evidence.explained_by(1 - got):
        return Cause(
            "every number is 1 minus the expected one", "every number is one minus the expected one"
        )
    return None


def ramp(evidence: Evidence) -> Cause | None:
    """Equal steps from 0 that stop one step short of the last value, or go one step beyond."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    values = np.unique(expected)
    steps = np.diff(values)
    if not evidence.is_real_and_finite or len(values) < 3 or values[0] != 0:
        return None
    if not np.allclose(steps, steps[0], rtol=1e-9, atol=0):
        return None
    count = len(values)
    for ratio, why in (
        ((count - 1) / count, "stops one step short of the last value"),
        (count / (count - 1), "goes one step beyond the last value"),
    ):
        if evidence.explained_by(got / ratio):
            return Cause(
                f"a ramp that {why}: {count} values are {count - 1} steps apart; `np.linspace`?",
                f"a ramp that {why}: n values are n − 1 steps apart; `np.linspace`?",
            )
    return None


def constant_factor(evidence: Evidence) -> Cause | None:
    """A whole multiple or fraction, another logarithm, n for n − 1, or any constant factor."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    ratio = _ratio(evidence, got, expected)
    if ratio is None:
        return None
    several = distinct(expected[expected != 0]) >= 3
    for name in (_whole_factor, _logarithm, _variance) if several else (_whole_factor, _logarithm):
        found = name(ratio)
        if found:
            exact, cause = found
            if evidence.explained_by(got / exact):
                return cause
    if several and not _near(ratio, 1):
        return Cause(
            f"a constant factor: every number is {ratio:.6g} times the expected one",
            "a constant factor: every number is the same multiple of the expected one",
        )
    return None


def _ratio(evidence: Evidence, got: np.ndarray, expected: np.ndarray) -> float | None:
    if not evidence.is_real_and_finite:
        return None
    largest = np.unravel_index(int(np.argmax(np.abs(expected))), expected.shape)
    if expected[largest] == 0:
        return None
    if got.size == 1 and _is_simple(float(expected[largest])):
        return None
    ratio = float(got[largest] / expected[largest])
    if not np.isfinite(ratio) or ratio == 0 or not evidence.explained_by(got / ratio):
        return None
    return ratio


def _is_simple(value: float) -> bool:
    """Say whether a number is a fraction of small numbers, as made-up cases often have them.

    Two of them stand in a simple ratio by chance, so a single one betrays nothing.
    """
    return abs(value - float(Fraction(value).limit_denominator(100))) <= 1e-9


def _near(value: float, target: float) -> bool:
    return abs(value - target) <= 1e-6 * abs(target)


def _whole_factor(ratio: float) -> tuple[float, Cause] | None:
    sign = "−" if ratio < 0 else ""
    size = abs(ratio)
    count = round(size) if size > 1 else round(1 / size) if size > 0.5 / LARGEST_COUNT else 0
    if not 2 <= count <= LARGEST_COUNT:
        return None
    if _near(size, count):
        why = "a sum where a mean is asked?" if count > 2 else "a factor 2, or a sum for a mean?"
        if count == 255:
            why = "0 to 255 where 0 to 1 is asked?"
        return np.sign(ratio) * count, Cause(
            f"your result is {sign}{count} times the expected one: {why}",
            "your result is a whole multiple of the expected one: a sum where a mean is asked?",
        )
    if _near(size, 1 / count):
        why = (
            "a mean where a sum is asked, or divided twice?"
            if count > 2
            else "a factor 2 is missing, or a mean where a sum is asked?"
        )
        return np.sign(ratio) / count, Cause(
            f"your result is {sign}1/{count} of the expected one: {why}",
            "the expected result is a whole multiple of yours: a mean where a sum is asked, "
            "or divided twice?",
        )
    return None


def _logarithm(ratio: float) -> tuple[float, Cause] | None:
    for base in (2, 10):
        for exact in (1 / np.log(base), np.log(base)):
            if _near(ratio, exact):
                asked = "the natural one" if exact == 1 / np.log(base) else f"base {base}"
                came = f"base {base}" if exact == 1 / np.log(base) else "the natural one"
                return exact, Cause(
                    f"the logarithm is {came}, not {asked}", "the logarithm has another base"
                )
    return None


def _variance(ratio: float) -> tuple[float, Cause] | None:
    for power, what in ((1.0, "variance"), (0.5, "standard deviation")):
        part = ratio ** (1 / power) if ratio > 0 else 0.0
        larger = max(part, 1 / part) if part else 0.0
        if not 1.0005 < larger < 2:
            continue
        count = round(larger / (larger - 1))
        if 5 <= count <= 1000 and _near(larger, count / (count - 1)):
            exact = (count / (count - 1)) ** (power if part > 1 else -power)
            return exact, Cause(
                f"a {what} divided by n for n − 1, or the reverse (n = {count}): `ddof`?",
                f"a {what} divided by n for n less one, or the reverse: `ddof`?",
            )
    return None


def constant_offset(evidence: Evidence) -> Cause | None:
    """The same number too much everywhere."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    if not evidence.is_real_and_finite:
        return None
    offset = float((got - expected).flat[0])
    if not np.isfinite(offset) or not evidence.explained_by(got - offset):
        return None
    whole = evidence.got.dtype.kind in "iu" and evidence.expected.dtype.kind in "iu"
    if whole and abs(offset) == 1:
        side = "large" if offset > 0 else "small"
        where = "every number is one" if got.size > 1 else "one"
        return Cause(f"off by one: {where} too {side}")
    if distinct(expected) < 3:
        return None
    return Cause(
        f"a constant offset: every number is {abs(offset):.6g} too "
        f"{'large' if offset > 0 else 'small'}",
        "a constant offset: every number is off by the same amount",
    )


def root_or_square(evidence: Evidence) -> Cause | None:
    """A root that is missing or should not be there."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    if not evidence.is_real_and_finite or set(np.unique(np.abs(expected))) <= {0.0, 1.0}:
        return None
    if got.size == 1 and _is_simple(float(expected.flat[0])):
        return None
    if (got >= 0).all() and evidence.explained_by(np.sqrt(got)):
        return Cause("a square root is missing, or a square too many")
    if evidence.explained_by(got**2):
        return Cause("a square is missing, or a square root too many")
    return None


def logarithm_or_exponential(evidence: Evidence) -> Cause | None:
    """A logarithm or exponential that is missing or should not be there."""
    got, expected = wide(evidence.got), wide(evidence.expected)
    if not evidence.is_real or distinct(expected) < 2:
        return None
    if (got > 0).all() and evidence.explained_by(np.log(got)):
        return Cause("the logarithm is missing")
    if (expected > 0).all() and evidence.explained_by(np.exp(got)):
        return Cause("the logarithm was taken where the number itself is asked")
    return None


OTHER_SHAPE: tuple[Callable[[Evidence], Cause | None], ...] = (
    arrangement.wrong_shape,
    arrangement.axes_swapped,
    arrangement.one_entry_too_many,
    arrangement.reshaped,
)
SAME_SHAPE: tuple[Callable[[Evidence], Cause | None], ...] = (
    not_finite,
    lost_in_rounding,
    all_zeros,
    single_precision,
    wrapped_around,
    other_labels,
    sign_flipped,
    ramp,
    constant_factor,
    cut_to_integers,
    arrangement.transposed,
    arrangement.reversed_axis,
    arrangement.shifted,
    complement,
    constant_offset,
    root_or_square,
    logarithm_or_exponential,
    sign_lost,
    arrangement.rows_permuted,
)
