"""Numerical gradients, and checks.gradient on right and wrong ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers import checks
from helpers.gradients import numerical_gradient, relative_error

RNG = np.random.default_rng(3)
W = RNG.normal(size=(4, 3))
SQUARE = RNG.normal(size=(3, 3))


def cubes(x):
    return (x**3).sum()


def message(*args, **kwargs) -> str:
    with pytest.raises(AssertionError) as caught:
        checks.gradient(*args, **kwargs)
    return str(caught.value)


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        elements=st.floats(-2, 2),
    )
)
@settings(deadline=None, max_examples=40)
def test_any_shape(x):
    before = x.copy()
    measured = numerical_gradient(lambda v: np.sum(np.sin(v)), x)
    assert measured.shape == x.shape
    assert measured.dtype == np.float64
    assert np.allclose(measured, np.cos(x), atol=1e-8)
    assert np.array_equal(x, before)


def test_numbers_lists_and_tuples():
    assert numerical_gradient(lambda v: v**2, 3.0) == pytest.approx(6.0)
    assert np.allclose(numerical_gradient(lambda v: v[0] * v[1], [2.0, 5.0]), [5.0, 2.0])
    parts = [np.ones((2, 3)), np.array([1.0, 2.0])]
    slopes = numerical_gradient(lambda p: (p[0] ** 2).sum() * p[1][1] + p[1][0], parts)
    assert [slope.shape for slope in slopes] == [(2, 3), (2,)]
    assert np.allclose(slopes[0], 4.0)
    assert np.allclose(slopes[1], [1.0, 6.0])
    assert np.array_equal(parts[0], np.ones((2, 3)))
    kinds = []
    numerical_gradient(lambda p: kinds.append(type(p)) or 0.0, (np.ones(1), np.ones(1)))
    assert set(kinds) == {tuple}


def test_integers_and_float32_are_measured_in_float64():
    assert np.allclose(numerical_gradient(cubes, np.array([1, 2])), [3, 12], atol=1e-8)
    assert np.allclose(numerical_gradient(cubes, np.array([1, 2], np.float32)), [3, 12], atol=1e-8)


def test_a_function_that_bends_its_input_is_measured_all_the_same():
    def bends(x):
        x *= 2
        return x.sum()

    x = np.ones(3)
    assert np.allclose(numerical_gradient(bends, x), 2.0)
    assert np.array_equal(x, np.ones(3))


def test_one_number_is_asked_for():
    with pytest.raises(ValueError, match=r"one number, .* shape \(3,\)"):
        numerical_gradient(lambda x: x, np.ones(3))
    assert np.allclose(numerical_gradient(lambda x: x[:1] * 2, np.ones(1)), 2.0)


def test_relative_error():
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error([1.0, 0.0], [1.0, 0.0]) == 0
    assert relative_error([1.0], [-1.0]) == 1
    assert relative_error([3.0, 0.0], [1.0, 0.0]) == pytest.approx(0.5)
    assert relative_error([np.ones((2, 2)), np.ones(3)], [np.ones((2, 2)), -np.ones(3)]) > 0
    assert np.isnan(relative_error([np.nan], [1.0]))
    assert np.isnan(relative_error([np.inf], [1.0]))
    with pytest.raises(ValueError, match="3 and 2"):
        relative_error(np.ones(3), np.ones(2))


@given(
    hnp.arrays(np.float64, 4, elements=st.floats(-1e3, 1e3)),
    hnp.arrays(np.float64, 4, elements=st.floats(-1e3, 1e3)),
)
def test_relative_error_is_symmetric_and_at_most_one(a, b):
    assert 0 <= relative_error(a, b) <= 1 + 1e-12
    assert relative_error(a, b) == relative_error(b, a)
    assert relative_error(8 * a, 8 * b) == pytest.approx(relative_error(a, b))


# --- checks.gradient ---------------------------------------------------------------------------


def test_right_gradients_pass():
    checks.gradient(cubes, W, 3 * W**2, "cubes")
    checks.gradient(cubes, W, (3 * W**2).tolist(), "cubes, as lists")
    checks.gradient(lambda x: 0.0, W, np.zeros_like(W), "zero for zero")
    checks.gradient(lambda x: x**2, 3.0, 6.0, "a number")
    checks.gradient(
        lambda p: (p[0] @ p[1]).sum(),
        [W, W.T],
        [np.ones((4, 4)) @ W, W.T @ np.ones((4, 4))],
        "two arrays",
    )


@pytest.mark.parametrize(
    ("analytic", "words"),
    [
        (6 * SQUARE**2, "your result is 2 times the expected one"),
        (SQUARE**2, "your result is 1/3 of the expected one"),
        (-3 * SQUARE**2, "the sign"),
        ((3 * SQUARE**2).T, "transposed"),
        (np.zeros((3, 3)), "every number is 0"),
        (3 * SQUARE**2 + 0.5, "a constant offset"),
    ],
)
def test_wrong_gradients_are_named(analytic, words):
    text = message(cubes, SQUARE, analytic, "the gradient of cubes")
    assert text.startswith("the gradient of cubes\n")
    assert "at most 1e-07 is allowed" in text
    assert words in text.partition("Likely cause: ")[2]


def test_one_wrong_element_fails_without_a_guess():
    analytic = 3 * SQUARE**2
    analytic[1, 1] += 1e-3
    assert "Likely cause" not in message(cubes, SQUARE, analytic, "cubes")


def test_nan_fails():
    analytic = 3 * SQUARE**2
    analytic[0, 0] = np.nan
    assert "nan" in message(cubes, SQUARE, analytic, "cubes")


def test_the_shape_is_asked_for():
    text = message(cubes, W, (3 * W**2).T, "cubes")
    assert "a gradient has the shape of what it is taken of" in text
    assert "transposed" in text
    assert "an axis was dropped" in message(cubes, W[:, :1], 3 * W[:, 0] ** 2, "cubes")


@pytest.mark.parametrize(
    ("analytic", "words"),
    [(None, "forget `return`"), ("x", "text where"), ({}, "a dict"), ([[1.0], 2.0], "ragged")],
)
def test_what_is_not_an_array_is_refused(analytic, words):
    assert words in message(cubes, W, analytic, "cubes")


def test_a_loss_that_is_no_number_is_refused():
    assert "the value of the function is None" in message(lambda x: None, W, W, "cubes")
    with pytest.raises(ValueError, match="one number"):
        checks.gradient(lambda x: x, W, W, "cubes")


def test_lists_of_arrays_name_the_array():
    parts = [W, SQUARE]

    def loss(p):
        return cubes(p[0]) + cubes(p[1])

    right = [3 * W**2, 3 * SQUARE**2]
    checks.gradient(loss, parts, right, "both")
    checks.gradient(loss, parts, tuple(right), "both")
    assert message(loss, parts, [right[0], 2 * right[1]], "both").startswith("both (array 1)\n")
    assert "a list of 2 gradients" in message(loss, parts, right[:1], "both")
    assert "a list of 2 gradients" in message(loss, parts, right[0], "both")
    assert "forget `return`" in message(loss, parts, [None, right[1]], "both")


def test_the_tolerance_and_the_step_can_be_set():
    analytic = 3 * W**2 * (1 + 1e-5)
    message(cubes, W, analytic, "cubes")
    checks.gradient(cubes, W, analytic, "cubes", tolerance=1e-4)
    steps = []
    checks.gradient(lambda x: steps.append(x[0]) or x[0], np.zeros(1), [1.0], "step", h=0.25)
    assert steps == [0.25, -0.25]
