"""LeNet on 10,000 pictures of Fashion-MNIST, three epochs: held-out accuracy over seeds.

    python benchmarks/clothes.py [--seeds 5] [--json benchmarks/results/clothes.json]

Week 4 states these figures; its notebook trains one seed. Two minutes on one core.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
from recording import write_facts
from torch import nn
from torch.nn import functional

from helpers import datasets

EPOCHS, BATCH, RATE = 3, 64, 2e-3


def make_network() -> nn.Sequential:
    """LeNet-5 with ReLU and max pooling (LeCun et al. 1998)."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def one_run(seed: int) -> float:
    """Train once; gives the held-out accuracy in per cent."""
    fashion = datasets.fashion_mnist("small28")
    seen, unseen = (
        (torch.from_numpy(images).float()[:, None] / 255 - 0.29) / 0.35
        for images in (fashion.train_images, fashion.test_images)
    )
    labels, test_labels = map(torch.from_numpy, (fashion.train_labels, fashion.test_labels))
    torch.manual_seed(seed)
    network = make_network()
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(seen)).split(BATCH):
            optimiser.zero_grad()
            functional.cross_entropy(network(seen[rows]), labels[rows]).backward()
            optimiser.step()
    with torch.no_grad():
        return 100 * (network(unseen).argmax(1) == test_labels).float().mean().item()


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    runs = [one_run(seed) for seed in range(arguments.seeds)]
    spread = statistics.stdev(runs) if len(runs) > 1 else 0.0
    print(f"LeNet, {EPOCHS} epochs: {statistics.mean(runs):.1f} ± {spread:.1f} % held out")
    report = {
        "what": "held-out accuracy in per cent of LeNet, Fashion-MNIST small28",
        "epochs": EPOCHS,
        "batch": BATCH,
        "mean": round(statistics.mean(runs), 1),
        "standard_deviation": round(spread, 1),
        "runs": [round(run, 1) for run in runs],
        "seconds": round(time.perf_counter() - began),
    }
    write_facts(arguments.json, report)


if __name__ == "__main__":
    main()
