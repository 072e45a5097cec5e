"""The engine of helpers.nn: random programs as torch differentiates them, and its promises."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.nn import Tensor, no_grad

SHAPES = ((3, 3), (1, 3), (3, 1), ())

OPERATIONS = [
    lambda u, v, a: u + v,
    lambda u, v, a: u * v - a,
    lambda u, v, a: (u + a).tanh() @ (v + a).tanh(),
    lambda u, v, a: u.tanh().exp() - v,
    lambda u, v, a: (u * u + 1.5).log(),
    lambda u, v, a: u.relu() * v.relu() + v,
    lambda u, v, a: u / (v * v + 1.0),
    lambda u, v, a: (u.tanh() * 2.0 + 3.0) ** 3,
    lambda u, v, a: 1.0 - 2.0 * u,
    lambda u, v, a: (u * a).sum(axis=1, keepdims=True),
    lambda u, v, a: (u * a).mean(axis=0),
    lambda u, v, a: (v + a)[[2, 0, 2]],
    lambda u, v, a: (v + a)[1:, 0].sum(),
    lambda u, v, a: (v + a).reshape(9)[::3],
    lambda u, v, a: (u * a).sum(),
]

STEPS = st.lists(
    st.tuples(st.integers(0, len(OPERATIONS) - 1), st.integers(0, 10**6), st.integers(0, 10**6)),
    min_size=1,
    max_size=12,
)


def run(leaves, steps):
    """Grow a program from leaves; squashing keeps numbers small, so that 1e-10 means something."""
    pool = list(leaves)
    for kind, first, second in steps:
        u, v = pool[first % len(pool)], pool[second % len(pool)]
        pool.append(OPERATIONS[kind](u, v, leaves[0]).tanh())
    total = pool[0].sum()
    for node in pool[1:]:
        total = total + node.sum()
    return total


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 10**6))
def test_random_programs_as_torch(steps, seed):
    draw = np.random.default_rng(seed)
    arrays = [draw.normal(size=shape) for shape in SHAPES]
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = run(leaves, steps)
    expected.backward()
    own = [Tensor(array) for array in arrays]
    result = run(own, steps)
    result.backward()
    np.testing.assert_allclose(result.data, expected.item(), atol=1e-10)
    for tensor, leaf in zip(own, leaves, strict=True):
        assert tensor.grad.shape == leaf.shape
        np.testing.assert_allclose(tensor.grad, leaf.grad.numpy(), rtol=1e-10, atol=1e-10)


def test_a_factor_used_twice_collects_twice():
    x = Tensor(3.0)
    (x * x).backward()
    assert x.grad == 6.0


def test_every_leaf_has_a_gradient_of_its_own_that_may_be_changed():
    x, y = Tensor(np.ones(3)), Tensor(np.ones(3))
    (x + y).sum().backward()
    x.grad *= 0.5
    assert x.grad.tolist() == [0.5] * 3
    assert y.grad.tolist() == [1.0] * 3


def test_the_ramp_knows_infinity():
    x = Tensor([-np.inf, -1.0, 0.0, 2.0, np.inf])
    ramp = x.relu()
    assert ramp.data.tolist() == [0.0, 0.0, 0.0, 2.0, np.inf]
    with np.errstate(invalid="ignore"):  # 0 · ∞ in the value, which is not asked here
        (ramp * np.array([np.inf, 3.0, 3.0, 3.0, 1.0])).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0, 0.0, 3.0, 1.0]


def test_gradients_of_two_losses_accumulate():
    x = Tensor(3.0)
    shared = x * x
    (shared * 4).backward()
    (shared + x).backward()
    assert x.grad == 31.0
    assert shared.grad is None


def test_repeated_indices_add_up():
    x = Tensor([1.0, 2.0, 3.0])
    (x[np.array([0, 0, 2])] * np.array([10.0, 1.0, 4.0])).sum().backward()
    assert x.grad.tolist() == [11.0, 0.0, 4.0]


def test_a_chain_of_ten_thousand():
    x = Tensor(1.0)
    total = x
    for _ in range(10_000):
        total = total + x
    total.backward()
    assert x.grad == 10_001.0


def test_many_paths_are_few_nodes():
    x = Tensor(1.0)
    total = x
    for _ in range(60):
        total = total + total
    total.backward()
    assert x.grad == 2.0**60


def test_nothing_is_recorded_in_a_block():
    x = Tensor([1.0, 2.0])
    with no_grad():
        inside = x * x
        with no_grad():
            deeper = x.exp()
        again = x + 1.0
    assert [t.requires_grad for t in (inside, deeper, again)] == [False] * 3
    assert inside.edges == ()
    assert (x * x).requires_grad


def test_recording_comes_back_after_an_exception():
    with pytest.raises(KeyError), no_grad():
        raise KeyError("on purpose")
    assert Tensor.recording


def test_constants_are_not_tracked():
    c, x = Tensor(2.0, requires_grad=False), Tensor(3.0)
    assert not (c * c).requires_grad
    (c * x).backward()
    assert c.grad is None
    assert x.grad == 2.0


def test_arrays_on_the_left():
    x = Tensor(np.eye(2))
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    for result, expected in (
        (array @ x, array),
        (array + x, array + np.eye(2)),
        (array - x, array - np.eye(2)),
        (array * x, array * np.eye(2)),
        (array / (x + 1.0), array / (np.eye(2) + 1.0)),
    ):
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result.data, expected)


def test_transposition():
    x = Tensor(np.arange(24.0).reshape(2, 3, 4))
    weights = np.random.default_rng(0).normal(size=(4, 2, 3))
    (x.transpose(2, 0, 1) * weights).sum().backward()
    np.testing.assert_allclose(x.grad, weights.transpose(1, 2, 0))
    y = Tensor(np.ones((2, 3)))
    assert (y.transpose() @ y).data.shape == (3, 3)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="one number"):
        Tensor([1.0, 2.0]).backward()
    with pytest.raises(ValueError, match="matrices"):
        Tensor([1.0, 2.0]) @ Tensor([1.0, 2.0])


def test_it_shows_its_numbers():
    assert repr(Tensor([1.0, 2.5])) == "Tensor([1.  2.5])"
