"""Trains week 6's network on digits with many seeds, and measures what shuffled pixels cost.

    python benchmarks/week06_digits.py            # a table
    python benchmarks/week06_digits.py --json F   # the same facts into a file, for machines

What is trained is the lesson itself: its given cells, the solutions of its exercises and those of
its demonstrations that only define functions. Weights, order and, for the small training sets, the
choice of digits follow from the seed; the split into 1,438 and 359 digits is always the same.
"""

import argparse
import ast
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from recording import write_facts

from autograder.lesson import Cell, read_lesson
from helpers import datasets
from helpers.nn import Linear, ReLU, Sequential, cross_entropy

WEEK = "week06_conv_backprop"
SOURCE = Path(__file__).parents[1] / "solutions" / WEEK / "conv_backprop.py"
EPOCHS = 15
RATES = (0.02, 0.03, 0.1)
LESSON_RATE = 0.02
FEW_DIGITS, FEW_EPOCHS = 100, 60
PERMUTATION_SEED = 99


def lesson_names() -> dict[str, Any]:
    """Run the cells of the lesson that define something, and give the names that they bind."""
    names: dict[str, Any] = {
        "Linear": Linear, "ReLU": ReLU, "Sequential": Sequential, "cross_entropy": cross_entropy,
    }  # fmt: skip
    for cell in read_lesson(SOURCE, WEEK).cells:
        if cell.kind == "code" and (cell.role in ("given", "answer") or _only_defines(cell)):
            exec(compile(cell.source, f"{WEEK}, cell {cell.index}", "exec"), names)
    return names


def _only_defines(cell: Cell) -> bool:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return cell.role == "demo" and all(isinstance(node, kinds) for node in cell.tree.body)


def accuracy(network: Any, X: np.ndarray, labels: np.ndarray) -> float:
    """Give the share of right answers, in percent."""
    return float(100 * (network.forward(X).argmax(axis=1) == labels).mean())


def whole_set(names: dict[str, Any], seeds: Iterable[int], rate: float) -> dict[str, list[float]]:
    """Train the convolutional network on all training digits, once a seed.

    Args:
        names: what the lesson defines.
        seeds: of weights and order.
        rate: the learning rate.

    Returns:
        "accuracy": held-out accuracy in percent after the last epoch; "seconds": processor time.
    """
    digits = datasets.digits()
    X, test = digits.images[:, None] / 8 - 1, digits.test_index
    result: dict[str, list[float]] = {"accuracy": [], "seconds": []}
    for seed in seeds:
        draw, began = np.random.default_rng(seed), time.process_time()
        network = names["make_network"](draw)
        names["train_network"](network, X, digits.labels, digits.train_index, draw, EPOCHS, rate)
        result["seconds"].append(time.process_time() - began)
        result["accuracy"].append(accuracy(network, X[test], digits.labels[test]))
    return result


def few_digits(names: dict[str, Any], seeds: Iterable[int]) -> dict[str, list[float]]:
    """Train on 100 digits: two networks, pixels as they are and shuffled.

    Returns:
        "network, order" -> held-out accuracy in percent, one a seed.
    """
    digits = datasets.digits()
    X, test = digits.images[:, None] / 8 - 1, digits.test_index
    permutation = np.random.default_rng(PERMUTATION_SEED).permutation(64)
    orders = {"as they are": X, "shuffled": X.reshape(-1, 64)[:, permutation].reshape(X.shape)}
    result: dict[str, list[float]] = {}
    for name, make in (("convolutional", "make_network"), ("dense", "make_dense")):
        for order, inputs in orders.items():
            values = result.setdefault(f"{name}, {order}", [])
            for seed in seeds:
                draw = np.random.default_rng(seed)
                rows = draw.permutation(digits.train_index)[:FEW_DIGITS]
                network = names[make](draw)
                names["train_network"](network, inputs, digits.labels, rows, draw, FEW_EPOCHS)
                values.append(accuracy(network, inputs[test], digits.labels[test]))
    return result


def main() -> int:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="runs of each setting (10)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error("--seeds must be at least 2: a spread needs two runs")
    names, seeds = lesson_names(), range(options.seeds)
    runs = {rate: whole_set(names, seeds, rate) for rate in RATES}
    seconds = runs[LESSON_RATE]["seconds"]
    settings = {f"all digits, η = {rate}": run["accuracy"] for rate, run in runs.items()}
    settings |= few_digits(names, seeds)
    print(f"{'held-out accuracy / %':32}{'mean':>8}{'sd':>6}{'worst':>8}{'best':>8}")
    for name, values in settings.items():
        row = f"{np.mean(values):8.2f}{np.std(values):6.2f}{min(values):8.2f}{max(values):8.2f}"
        print(f"{name:32}{row}")
    print(f"a run on all digits: {np.median(seconds):.1f} s of processor time (median)")
    facts = {"seeds": options.seeds, "seconds": seconds, "accuracy": settings}
    write_facts(options.json, facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
