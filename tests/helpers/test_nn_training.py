"""The reference training loop and gradient check of helpers.nn."""

import numpy as np
import pytest
import torch

from helpers import nn


def make_network(seed: int = 0):
    draw = np.random.default_rng(seed)
    first = nn.Linear(draw.normal(size=(3, 4)), draw.normal(size=4))
    return [first, nn.Tanh(), nn.Linear(draw.normal(size=(4, 2)), draw.normal(size=2))]


@pytest.mark.parametrize("soft", [False, True])
def test_an_epoch_as_torch(soft):
    draw = np.random.default_rng(1)
    X, order = draw.normal(size=(9, 3)), draw.permutation(9)[:7]
    targets = draw.dirichlet(np.ones(2), size=9) if soft else draw.integers(0, 2, size=9)
    layers = make_network()
    leaves = [torch.tensor(p, requires_grad=True) for layer in layers for p in layer.parameters()]
    optimiser, total = torch.optim.SGD(leaves, lr=0.3), 0.0
    for rows in (order[:3], order[3:6], order[6:]):
        hidden = torch.tanh(torch.tensor(X[rows]) @ leaves[0] + leaves[1])
        scores = hidden @ leaves[2] + leaves[3]
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(targets[rows]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item() * len(rows)
    assert nn.train_epoch(layers, nn.SGD(0.3), X, targets, order, 3) == pytest.approx(total / 7)
    learnt = [p for layer in layers for p in layer.parameters()]
    for got, leaf in zip(learnt, leaves, strict=True):
        np.testing.assert_allclose(got, leaf.detach().numpy(), atol=1e-12)


@pytest.mark.parametrize(("rows", "batch"), [(4, 4), (4, 2), (3, 5), (1, 1)])
def test_an_epoch_has_no_empty_batch(rows, batch):
    steps = []

    class Counting(nn.SGD):
        def step(self, parameters, gradients):
            steps.append(len(parameters))

    data = np.ones((rows, 3)), np.zeros(rows, dtype=int), np.arange(rows)
    assert np.isfinite(nn.train_epoch(make_network(), Counting(0.0), *data, batch))
    assert steps == [4] * -(-rows // batch)


def test_the_verdicts_on_gradients():
    def bent(arrays):
        u, v, _ = arrays
        loss = float(np.sin(u).sum() + (v**3).sum())
        return loss, [np.cos(u) * 1.5, 3 * v**2, np.zeros(2)]

    arrays = [np.array([[0.3, 0.9]]), np.array([[1.0], [2.0]]), np.ones(2)]
    before = [a.copy() for a in arrays]
    errors = nn.check_gradients(bent, arrays)
    np.testing.assert_allclose(errors, [0.2, 0.0, 0.0], atol=1e-9)
    assert all((a == b).all() for a, b in zip(arrays, before, strict=True))
    assert nn.check_gradients(bent, arrays, h=0.1)[1] == pytest.approx(0.01 * 2**0.5 / 24.75, 0.01)


def test_whole_networks_pass_the_check():
    labels = np.array([0, 1, 1])

    def loss_and_gradients(arrays):
        x, W, b = arrays
        chain = nn.Sequential([nn.Linear(W, b), nn.GELU()])
        loss, slope = nn.cross_entropy(chain.forward(x), labels)
        return loss, [chain.backward(slope), *chain.gradients()]

    draw = np.random.default_rng(5)
    arrays = [draw.normal(size=shape) for shape in ((3, 4), (4, 2), (2,))]
    assert max(nn.check_gradients(loss_and_gradients, arrays)) < 1e-7
