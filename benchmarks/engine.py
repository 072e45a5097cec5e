"""Times one epoch of the same network three ways: by hand, by the engine, by torch.

    python benchmarks/engine.py            # a table
    python benchmarks/engine.py --json F   # the same facts into a file, for machines

The network is week 3's: 64 → 256 → 10 with ReLU on 1,438 digits, batches of 32, float64, one
thread. All three start from the same weights, see the same batches and must report the same loss.
The ways take turns, so that a busy machine disturbs all alike; the median counts.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from recording import write_facts

from helpers import datasets
from helpers.nn import SGD, Linear, ReLU, Sequential, Tensor, cross_entropy, he

SIZES = (64, 256, 10)
BATCH = 32
LEARNING_RATE = 0.1
SAME_LOSS = 1e-9

Epoch = Callable[[np.ndarray], float]


def weights() -> list[np.ndarray]:
    """Draw the weights that all three ways begin with."""
    rng = np.random.default_rng(0)
    arrays = []
    for fan_in, fan_out in itertools.pairwise(SIZES):
        arrays += [he(fan_in, fan_out, rng), np.zeros(fan_out)]
    return arrays


def by_hand(X: np.ndarray, y: np.ndarray) -> Epoch:
    """Layers with backward passes that people wrote."""
    W1, b1, W2, b2 = weights()
    model, optimiser = Sequential([Linear(W1, b1), ReLU(), Linear(W2, b2)]), SGD(LEARNING_RATE)

    def epoch(order: np.ndarray) -> float:
        loss = 0.0
        for rows in np.split(order, range(BATCH, len(order), BATCH)):
            loss, gradient = cross_entropy(model.forward(X[rows]), y[rows])
            model.backward(gradient)
            optimiser.step(model.parameters(), model.gradients())
        return loss

    return epoch


def by_engine(X: np.ndarray, y: np.ndarray) -> Epoch:
    """The forward pass on `Tensor`s; the engine walks back."""
    tensors = [Tensor(array) for array in weights()]
    W1, b1, W2, b2 = tensors
    optimiser = SGD(LEARNING_RATE)

    def epoch(order: np.ndarray) -> float:
        value = 0.0
        for rows in np.split(order, range(BATCH, len(order), BATCH)):
            scores = (X[rows] @ W1 + b1).relu() @ W2 + b2
            shifted = scores - scores.data.max(axis=1, keepdims=True)
            log_p = shifted - shifted.exp().sum(axis=1, keepdims=True).log()
            loss = -log_p[np.arange(len(rows)), y[rows]].mean()
            for tensor in tensors:
                tensor.grad = None
            loss.backward()
            slopes = [t.grad for t in tensors if t.grad is not None]
            optimiser.step([t.data for t in tensors], slopes)
            value = float(loss.data)
        return value

    return epoch


def by_torch(X: np.ndarray, y: np.ndarray) -> Epoch:
    """PyTorch's own layers, loss and optimiser."""
    first, last = torch.nn.Linear(*SIZES[:2]).double(), torch.nn.Linear(*SIZES[1:]).double()
    model = torch.nn.Sequential(first, torch.nn.ReLU(), last)
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), weights(), strict=True):
            parameter.copy_(torch.from_numpy(array.T))
    optimiser = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)

    def epoch(order: np.ndarray) -> float:
        value = 0.0
        for rows in torch.from_numpy(order).split(BATCH):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(inputs[rows]), labels[rows])
            loss.backward()
            optimiser.step()
            value = loss.item()
        return value

    return epoch


def measure(repeats: int) -> dict[str, dict[str, float]]:
    """Let the three ways take turns.

    Args:
        repeats: timed epochs of each; one more before them warms up.

    Returns:
        name -> {"milliseconds": median of an epoch, "ratio": to the hand-written one, "loss"}.

    Raises:
        ValueError: the three do not end with the same loss, so the times compare nothing.
    """
    digits = datasets.digits()
    X, y = digits.features / 8 - 1, digits.labels
    ways = {"by hand": by_hand(X, y), "engine": by_engine(X, y), "torch": by_torch(X, y)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    losses: dict[str, float] = {}
    rng = np.random.default_rng(1)
    for _ in range(repeats + 1):
        order = rng.permutation(digits.train_index)
        for name, epoch in ways.items():
            began = time.perf_counter()
            losses[name] = epoch(order)
            seconds[name].append(time.perf_counter() - began)
    if max(losses.values()) - min(losses.values()) > SAME_LOSS:
        raise ValueError(f"the three ways disagree about the loss: {losses}")
    times = {name: median(values[1:]) for name, values in seconds.items()}
    return {
        name: {
            "milliseconds": 1e3 * value,
            "ratio": value / times["by hand"],
            "loss": losses[name],
        }
        for name, value in times.items()
    }


def main() -> int:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15, help="timed epochs of each way (15)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if options.repeats < 1:
        parser.error("--repeats must be at least 1")
    torch.set_num_threads(1)
    results = measure(options.repeats)
    print(f"{'':10}{'ms an epoch':>12}{'ratio':>8}{'last loss':>12}")
    for name, row in results.items():
        print(f"{name:10}{row['milliseconds']:12.1f}{row['ratio']:8.2f}{row['loss']:12.6f}")
    write_facts(options.json, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
