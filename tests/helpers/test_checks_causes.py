"""The likely causes: each is named for its own mistake, and nothing is guessed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import checks

RNG = np.random.default_rng(5)
X = RNG.normal(size=(4, 3))
SQUARE = RNG.normal(size=(5, 5))
POSITIVE = RNG.uniform(0.2, 3.0, size=(4, 3))
PROBABILITIES = RNG.dirichlet(np.ones(3), size=4)
LABELS = np.array([1.0, -1.0, -1.0, 1.0])
SHUFFLED = np.array([2, 0, 3, 1])
CUBE = np.arange(24.0).reshape(2, 3, 4)
DATA = RNG.normal(size=(11, 3))


def cause_of(got, expected, **tolerances) -> str:
    """The likely cause in the message of a failing check, "" where there is none."""
    with pytest.raises(AssertionError) as caught:
        checks.close(got, expected, "a sentence", **tolerances)
    _, _, cause = str(caught.value).partition("Likely cause: ")
    return cause


def with_one(array, index, value):
    changed = np.array(array)
    changed[index] = value
    return changed


NAMED = {
    "sum for mean": (X * 4, X, "your result is 4 times the expected one: a sum where a mean"),
    "mean for sum": (X / 4, X, "your result is 1/4 of the expected one: a mean where a sum"),
    "factor 2": (2 * X, X, "your result is 2 times the expected one: a factor 2"),
    "half": (X / 2, X, "your result is 1/2 of the expected one"),
    "negative multiple": (-3 * X, X, "your result is −3 times"),
    "scalar sum": (4 * np.log(2), np.log(2), "your result is 4 times"),
    "integer multiple": ([6, 0, 9], [2, 0, 3], "your result is 3 times"),
    "batch of 128": (X * 128, X, "your result is 128 times"),
    "any factor": (0.37 * X, X, "a constant factor: every number is 0.37 times"),
    "sign": (-X, X, "the sign: every number is the negative"),
    "sign of a scalar": (-0.3, 0.3, "the sign"),
    "log base 2": (np.log2(POSITIVE), np.log(POSITIVE), "the logarithm is base 2, not the natural"),
    "log base 10": (np.log10(POSITIVE), np.log(POSITIVE), "the logarithm is base 10, not the nat"),
    "natural for 2": (np.log(POSITIVE), np.log2(POSITIVE), "the logarithm is the natural one, not"),
    "natural for 10": (np.log(POSITIVE), np.log10(POSITIVE), "not base 10"),
    "scalar log": (np.log2(7.3), np.log(7.3), "the logarithm is base 2"),
    "n for n-1": (DATA.var(0), DATA.var(0, ddof=1), "a variance divided by n for n − 1"),
    "n-1 for n": (DATA.var(0, ddof=1), DATA.var(0), "(n = 11)"),
    "ramp too short": (np.arange(5) / 5, np.linspace(0, 1, 5), "stops one step short"),
    "ramp too long": (np.arange(5) / 4, np.arange(5) / 5, "goes one step beyond the last value"),
    "deviation": (DATA.std(0), DATA.std(0, ddof=1), "a standard deviation divided by n"),
    "standardised": (DATA / DATA.std(0), DATA / DATA.std(0, ddof=1), "a standard deviation"),
    "square transposed": (SQUARE.T, SQUARE, "the right numbers, but transposed"),
    "transposed": (X.T, X, "the right numbers, but transposed"),
    "axes": (CUBE.swapaxes(0, 1), CUBE, "axes 0 and 1 changed places"),
    "reversed": (X[::-1], X, "reversed along axis 0"),
    "exchanged columns": (X[:, 1::-1], X[:, :2], "the two entries along axis 1 are exchanged"),
    "reversed columns": (X[:, ::-1], X, "reversed along axis 1"),
    "reversed numbers": (np.arange(5.0)[::-1] ** 2, np.arange(5.0) ** 2, "reversed along axis 0"),
    "late": (np.r_[X[:1] * 0, X[:-1]], X, "off by one along axis 0: every entry comes one place l"),
    "early": (np.r_[X[1:], X[:1] * 0], X, "off by one along axis 0: every entry comes one place e"),
    "rolled": (np.roll(SQUARE, 1, axis=1), SQUARE, "off by one along axis 1"),
    "rows": (X[SHUFFLED], X, "the right rows in another order"),
    "numbers": (X[SHUFFLED, 0], X[:, 0], "the right numbers in another order"),
    "in rows": (
        np.sort(SQUARE, axis=1),
        SQUARE,
        "within each row the right numbers stand in another order",
    ),
    "float32": (X.astype(np.float32), X, "float32 where float64 came in"),
    "float32 between": (X.astype(np.float32).astype(float), X, "float32 where float64 came in"),
    "float16": (X.astype(np.float16), X, "float16 where float64 came in"),
    "float32 and wrong": ((2 * X).astype(np.float32), X, "your result is 2 times"),
    "cut": (POSITIVE.astype(int), POSITIVE, "the fractions were cut off"),
    "floor": (np.floor(5 * X), 5 * X, "the fractions were cut off"),
    "rounded": (np.round(5 * X), 5 * X, "the numbers were rounded"),
    "division": (7 // 2, 3.5, "the fractions were cut off"),
    "wrapped": (np.array([200, 100], np.uint8) * 2, [400, 200], "uint8 wrapped around"),
    "wrapped below": (np.array([1, 5], np.uint8) - np.uint8(3), [-2, 2], "it holds 0 to 255 only"),
    "NaN": (with_one(X, (1, 2), np.nan), X, "NaN: from 0/0"),
    "overflow": (with_one(X, (1, 2), np.inf), X, "an infinity: `exp` overflowed"),
    "both": (with_one(with_one(X, 0, np.nan), 1, np.inf), X, "NaN"),
    "zeros": (np.zeros((4, 3)), X, "every number is 0"),
    "0/1": ((LABELS + 1) / 2, LABELS, "labels 0 and 1 where −1 and +1"),
    "0/1 bool": (LABELS > 0, LABELS, "labels 0 and 1 where −1 and +1"),
    "±1": (LABELS, (LABELS + 1) / 2, "labels −1 and +1 where 0 and 1"),
    "exchanged": (LABELS < 0, LABELS > 0, "the two answers are exchanged"),
    "complement": (1 - PROBABILITIES, PROBABILITIES, "every number is 1 minus"),
    "offset": (X + 0.25, X, "a constant offset: every number is 0.25 too large"),
    "count from 1": (np.array([1, 3, 2]), [0, 2, 1], "off by one: every number is one too large"),
    "one less": (6, 7, "off by one: one too small"),
    "root missing": (POSITIVE**2, POSITIVE, "a square root is missing"),
    "root missing, scalar": (2.0, np.sqrt(2), "a square root is missing"),
    "square missing": (np.sqrt(POSITIVE), POSITIVE, "a square is missing"),
    "log missing": (POSITIVE, np.log(POSITIVE), "the logarithm is missing"),
    "log taken": (np.log(POSITIVE), POSITIVE, "the logarithm was taken"),
    "absolute missing": (X, np.abs(X), "the absolute value is missing"),
    "absolute taken": (np.abs(X), X, "the absolute value was taken"),
    "column": (X[:, :1], X[:, 0], "an axis of length 1 too many"),
    "kept": (X.sum(axis=0), X.sum(axis=0, keepdims=True), "an axis was dropped"),
    "squeezed": (X[0, 0], X[:1, 0], "an axis was dropped"),
    "broadcast": (X[:, :1] - X[:, 0], X[:, 0], "broadcasting to (N, N)"),
    "broadcast column": (X[:, :1] - X[:, 0], X[:, :1], "broadcasting to (N, N)"),
    "last too many": (X, X[:-1], "along axis 0 one too many: the last"),
    "first too many": (X, X[1:], "along axis 0 one too many: the first"),
    "last missing": (X[:-1, 0], X[:, 0], "along axis 0 one too few: the last"),
    "first missing": (X[1:], X, "along axis 0 one too few: the first"),
    "column too many": (SQUARE, SQUARE[:, :-1], "along axis 1 one too many: the last"),
    "column missing": (CUBE[:, :, 1:], CUBE, "along axis 2 one too few: the first"),
    "bytes": (255 * X, X, "your result is 255 times the expected one: 0 to 255 where 0 to 1"),
    "reshaped": (X.ravel(), X, "only the shape is wrong"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_mistake_is_named(name):
    got, expected, words = NAMED[name]
    assert cause_of(got, expected).startswith(words) or words in cause_of(got, expected)


LARGE_ENOUGH = [
    name
    for name, (got, expected, _) in NAMED.items()
    if np.shape(got) == np.shape(expected)
    and np.size(got) >= 6
    and np.asarray(got).dtype == np.float64
    and np.isfinite(got).all()
]


@pytest.mark.parametrize("name", LARGE_ENOUGH)
def test_one_more_wrong_number_and_it_is_not_named(name):
    got, expected, words = NAMED[name]
    spoilt = with_one(got, (1,) * np.ndim(got), 77.123)
    assert words not in cause_of(spoilt, expected)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (0.7, 0.45),
        (0.5, 0.25),
        (1 / 6, 5 / 6),
        (4, 2),
        (9.0, 3.0),
        (X * 1.5 + RNG.normal(scale=1e-8, size=X.shape), X),
        (3.0, 3.7),
        (0.0, 1.5),
        ([0.5, 0.5], [0.3, 0.7]),
        ([0, 1, 0, 0], [0, 0, 1, 0]),
        (X, X**3 + 1),
        (np.zeros((2, 5)), np.ones((2, 3))),
        (np.zeros((3, 2)), np.ones((2, 3))),
        (1.5, X),
        (np.zeros((5, 3)), X),
        (np.zeros((3, 3)), X),
        (np.zeros((4, 1)), X),
        (np.zeros((6, 3)), X),
        (X, 1.5),
        (np.empty((0, 3)), np.empty((3, 0))),
        (X + 1j, X),
        (1e-300, 5e-324),
        (with_one(2 * X, 0, np.nan), X),
        (np.array([0.0, 0.5]), np.array([1e-9, 0.5])),
        ((X + 1e-7), X + RNG.normal(scale=1e-7, size=X.shape)),
    ],
)
def test_nothing_is_guessed(got, expected):
    tolerances = {"rtol": 0.0, "atol": 0.0} if np.ndim(got) == 0 and np.all(got == 1e-300) else {}
    assert cause_of(got, expected, **tolerances) == ""


@given(st.integers(0, 2**32 - 1), st.sampled_from([(3,), (5,), (4, 3), (3, 3), (2, 3, 4)]))
@settings(max_examples=30, deadline=None)
def test_unrelated_numbers_have_no_cause(seed, shape):
    rng = np.random.default_rng(seed)
    assert cause_of(rng.normal(size=shape), rng.normal(size=shape)) == ""


@given(st.integers(0, 2**32 - 1), st.integers(2, 10_000), st.booleans())
@settings(max_examples=30, deadline=None)
def test_any_whole_factor_is_named(seed, count, inverse):
    expected = np.random.default_rng(seed).normal(size=(3, 2))
    got = expected / count if inverse else expected * count
    assert (
        f"1/{count} of" in cause_of(got, expected)
        if inverse
        else (f"{count} times" in cause_of(got, expected))
    )


@pytest.mark.parametrize(
    ("got", "expected", "named"),
    [
        (0.0, 5e-34, True),
        ([0.0, 0.5], [5e-34, 0.5], True),
        (np.zeros(3), [1e-300, 5e-324, 1e-200], True),
        ([0.0, 0.5], [1e-6, 0.5], False),  # float64 does not lose that
        ([0.0, 0.5], [5e-34, 0.7], False),
    ],
)
def test_a_tail_that_was_lost_is_no_single_precision(got, expected, named):
    cause = cause_of(np.array(got), expected, rtol=1e-7, atol=0.0)
    assert cause.startswith("0 where a tiny number is wanted") if named else cause == ""


def test_a_cause_follows_the_tolerance_that_is_given():
    assert "4 times" in cause_of(4 * X + 1e-6, X, atol=1e-3)
    assert cause_of(4 * X + RNG.normal(scale=1e-6, size=X.shape), X) == ""


def test_huge_arrays_are_not_searched():
    assert cause_of(np.ones(3_000_000), np.zeros(3_000_000) + 2) == ""


def test_none_is_named_at_once():
    with pytest.raises(AssertionError, match="None: did you forget `return`"):
        checks.close(None, X, "a sentence")
