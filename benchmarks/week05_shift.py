"""Trains LeNet as data/make/lenet.py does, with several seeds, and moves the test pictures.

    python benchmarks/week05_shift.py            # accuracy by shift, mean ± spread over seeds
    python benchmarks/week05_shift.py --json F   # the same facts into a file, for machines

The linear classifier of the lesson's first section stands beside it. About 40 seconds a seed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from helpers import datasets

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "data" / "make"))
import lenet
from recording import write_facts

SEEDS = (5, 6, 7)
SHIFTS = range(7)
RIDGE = 30.0


def deep(seed: int) -> list[float]:
    """Train one net and measure it.

    Args:
        seed: of the weights and the batches.

    Returns:
        Accuracy in percent on 2,000 test pictures at every shift.
    """
    full, small = datasets.fashion_mnist("full"), datasets.fashion_mnist("small28")
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model = lenet.build()
    images, labels = lenet.pictures(full.train_images), torch.from_numpy(full.train_labels)
    lenet.train(model, images, labels, seed)
    right = torch.from_numpy(small.test_labels)
    return [
        100 * lenet.accuracy(model, lenet.pictures(np.roll(small.test_images, s, axis=2)), right)
        for s in SHIFTS
    ]


def linear(form: datasets.Form) -> list[float]:
    """Fit ridge regression on one-hot labels and measure it likewise.

    Args:
        form: the set that it is fitted on, "small28" (10,000 pictures) or "full" (60,000).

    Returns:
        Accuracy in percent on 2,000 test pictures at every shift.
    """
    data, small = datasets.fashion_mnist(form), datasets.fashion_mnist("small28")

    def rows(images: np.ndarray) -> np.ndarray:
        return np.column_stack([images.reshape(len(images), -1) / 255, np.ones(len(images))])

    X, targets = rows(data.train_images), np.eye(10)[data.train_labels]
    weights = np.linalg.solve(X.T @ X + RIDGE * np.eye(X.shape[1]), X.T @ targets)
    return [
        float(100 * np.mean((rows(moved) @ weights).argmax(axis=1) == small.test_labels))
        for moved in (np.roll(small.test_images, s, axis=2) for s in SHIFTS)
    ]


def main() -> None:
    """Train, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures into this file")
    path = parser.parse_args().json
    nets = np.array([deep(seed) for seed in SEEDS])
    lines = {f"linear, {form}": linear(form) for form in ("small28", "full")}
    print(f"{'% right at':16}" + "".join(f"{shift:>13}" for shift in SHIFTS))
    for name, row in lines.items():
        print(f"{name:16}" + "".join(f"{value:13.1f}" for value in row))
    pairs = zip(nets.mean(axis=0), nets.std(axis=0), strict=True)
    print(f"{'LeNet':16}" + "".join(f"{f'{mean:.1f} ± {std:.1f}':>13}" for mean, std in pairs))
    write_facts(path, {"seeds": SEEDS, "LeNet": nets.tolist(), **lines})


if __name__ == "__main__":
    main()
