"""The reference layers, losses, initialisers and SGD of helpers.nn, against torch."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from helpers import nn
from helpers.gradients import numerical_gradient, relative_error

ACTIVATIONS = [
    (nn.ReLU(), torch.relu),
    (nn.LeakyReLU(0.1), lambda x: functional.leaky_relu(x, 0.1)),
    (nn.Sigmoid(), torch.sigmoid),
    (nn.Tanh(), torch.tanh),
    (nn.GELU(), functional.gelu),
]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def name_of(value) -> str | None:
    return type(value).__name__ if isinstance(value, nn.layers.Layer) else "torch"


@pytest.mark.parametrize(("layer", "oracle"), ACTIVATIONS, ids=name_of)
def test_activation_as_torch(layer, oracle):
    x, g = rng(1).normal(size=(4, 1, 5)), rng(2).normal(size=(4, 1, 5))
    leaf = torch.tensor(x, requires_grad=True)
    expected = oracle(leaf)
    expected.backward(torch.tensor(g))
    np.testing.assert_allclose(layer.forward(x), expected.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(layer.backward(g), leaf.grad.numpy(), atol=1e-12)
    assert layer.parameters() == layer.gradients() == []


@pytest.mark.parametrize(("layer", "oracle"), ACTIVATIONS, ids=name_of)
def test_activation_extreme_and_single_precision(layer, oracle):
    x = np.float32([-1e4, 0.0, 1e4])
    with np.errstate(over="raise", invalid="raise"):
        value = layer.forward(x)
        slope = layer.backward(np.ones_like(x))
    assert value.dtype == slope.dtype == np.float32
    np.testing.assert_allclose(value, oracle(torch.tensor(x)).numpy(), atol=1e-6)


def test_rectifier_is_shut_at_zero():
    layer = nn.ReLU()
    layer.forward(np.array([0.0, 1.0]))
    assert layer.backward(np.array([5.0, -5.0])).tolist() == [0.0, -5.0]


def chain() -> nn.Sequential:
    draw = rng(3)
    return nn.Sequential(
        [
            nn.Linear(nn.he(3, 4, draw), draw.normal(size=4)),
            nn.Tanh(),
            nn.Linear(nn.xavier(4, 2, draw), draw.normal(size=2)),
        ]
    )


def test_every_gradient_of_a_chain_by_differences():
    model, x, labels = chain(), rng(4).normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    _, gradient = nn.cross_entropy(model.forward(x), labels)
    passed = model.backward(gradient)
    slopes = [g.copy() for g in model.gradients()]

    def loss_at(arrays):
        for own, new in zip([x, *model.parameters()], arrays, strict=True):
            own[...] = new
        return nn.cross_entropy(model.forward(x), labels)[0]

    arrays = [x.copy(), *(p.copy() for p in model.parameters())]
    measured = numerical_gradient(loss_at, arrays)
    for own, other in zip([passed, *slopes], measured, strict=True):
        assert relative_error(own, other) < 1e-7


@pytest.mark.parametrize("soft", [False, True])
def test_cross_entropy_as_torch(soft):
    scores = rng(5).normal(scale=3.0, size=(6, 4))
    targets = rng(6).dirichlet(np.ones(4), size=6) if soft else rng(6).integers(0, 4, size=6)
    leaf = torch.tensor(scores, requires_grad=True)
    expected = functional.cross_entropy(leaf, torch.tensor(targets))
    expected.backward()
    loss, gradient = nn.cross_entropy(scores, targets)
    assert loss == pytest.approx(expected.item(), abs=1e-12)
    np.testing.assert_allclose(gradient, leaf.grad.numpy(), atol=1e-12)


def test_cross_entropy_of_extreme_scores():
    loss, gradient = nn.cross_entropy(np.array([[1e4, 0.0]]), np.array([1]))
    assert loss == 1e4
    assert gradient.tolist() == [[1.0, -1.0]]


def test_other_losses_as_torch():
    scores, targets = rng(7).normal(scale=2.0, size=(5, 3)), rng(8).uniform(size=(5, 3))
    labels = np.array([0, 2, 1, 1, 0])
    cases = [
        (nn.mse, functional.mse_loss, targets),
        (
            nn.binary_cross_entropy_with_logits,
            functional.binary_cross_entropy_with_logits,
            targets,
        ),
        (nn.hinge, lambda s, t: 3 * functional.multi_margin_loss(s, t), labels),
    ]
    for own, oracle, wanted in cases:
        leaf = torch.tensor(scores, requires_grad=True)
        expected = oracle(leaf, torch.tensor(wanted))
        expected.backward()
        loss, gradient = own(scores, wanted)
        assert loss == pytest.approx(expected.item(), abs=1e-12)
        np.testing.assert_allclose(gradient, leaf.grad.numpy(), atol=1e-12)


def test_logistic_loss_survives_extreme_scores():
    scores = np.array([1e4, -1e4])
    with np.errstate(over="raise"):
        loss, gradient = nn.binary_cross_entropy_with_logits(scores, np.array([0.0, 0.0]))
    assert loss == 5e3
    assert gradient.tolist() == [0.5, 0.0]


def test_squared_error_refuses_what_would_broadcast():
    with pytest.raises(ValueError, match="target"):
        nn.mse(np.ones((3, 1)), np.ones(3))


def test_softmax_and_log_sum_exp():
    scores = np.array([[1000.0, 1000.0], [0.0, np.log(3.0)]])
    np.testing.assert_allclose(nn.softmax(scores), [[0.5, 0.5], [0.25, 0.75]])
    np.testing.assert_allclose(nn.log_sum_exp(scores), [1000 + np.log(2), np.log(4.0)])


def test_initialisers_have_their_spread():
    assert nn.xavier(600, 200, rng()).std() == pytest.approx(0.05, abs=1e-3)
    assert nn.he(200, 600, rng()).std() == pytest.approx(0.1, abs=2e-3)
    assert nn.he(3, 5, rng()).shape == nn.xavier(3, 5, rng()).shape == (3, 5)


def test_step_changes_the_arrays_themselves():
    w, g = np.array([1.0, 2.0]), np.array([10.0, -10.0])
    nn.SGD(0.1).step([w], [g])
    assert w.tolist() == [0.0, 3.0]
    assert g.tolist() == [10.0, -10.0]


@pytest.mark.parametrize("gradients", [[np.ones(3)], [], [np.ones((1, 3)), np.ones(2)]])
def test_step_refuses_what_does_not_fit_and_changes_nothing(gradients):
    parameters = [np.ones((1, 3)), np.ones(1)]
    with pytest.raises(ValueError, match="shapes"):
        nn.SGD(1.0).step(parameters, gradients)
    assert (parameters[0] == 1).all()
