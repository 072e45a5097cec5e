"""Six methods on three tasks, three seeds: where a convolutional network wins, and where not.

    python benchmarks/classical.py [--seeds 3] [--json benchmarks/results/classical.json]

Week 4 prints this table and runs a smaller one. A seed decides the split (three quarters to learn
from) and, for the flora, the ten species. About three minutes on one core.
"""

import argparse
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from recording import write_facts
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from torch import nn
from torch.nn import functional

from helpers import datasets
from helpers.challenge import flora

PER_SPECIES = 240
METHODS = {
    "logistic regression": lambda seed: LogisticRegression(C=0.1, max_iter=50, tol=1e-3),
    "5 nearest neighbours": lambda seed: KNeighborsClassifier(),
    "SVM, RBF kernel": lambda seed: SVC(C=10),
    "random forest, 100 trees": lambda seed: RandomForestClassifier(100, random_state=seed),
    "MLP, 64 hidden": lambda seed: MLPClassifier(64, max_iter=20, random_state=seed),
}
NETWORK = "CNN"
PLANS = {"cancer": (32, 32), "digits": (32, "pool", 64)}
LARGE = (16, "pool", 32, "pool", 64, "pool", 128)
SHAPES = {"flora": (3, 32, 32), "cancer": (1, 5, 6), "digits": (1, 8, 8)}
EPOCHS = {"cancer": 20, "digits": 15, "flora": 30}


def task(name: str, seed: int) -> tuple[np.ndarray, ...]:
    """Load a task and split it; features are standardised by what is learnt from."""
    if name == "flora":
        images, labels = flora.make_set(
            range(200 + 10 * seed, 210 + 10 * seed), PER_SPECIES, seed=seed, size=32
        )
        features, targets = images.flatten(1).numpy() / 255.0, labels.numpy()
    else:
        table = datasets.breast_cancer() if name == "cancer" else datasets.digits()
        features, targets = table.features, table.labels
    order = np.random.default_rng(seed).permutation(len(targets))
    train, test = np.split(order, [3 * len(order) // 4])
    mean, spread = features[train].mean(axis=0), features[train].std(axis=0) + 1e-6
    scaled = (features - mean) / spread
    return scaled[train], targets[train], scaled[test], targets[test]


def make_network(plan: tuple, classes: int, channels: int) -> nn.Sequential:
    """Week 4's blocks by a plan: 3 × 3 convolution, batch normalisation, ReLU; pools between."""
    layers: list[nn.Module] = []
    for item in plan:
        if item == "pool":
            layers.append(nn.MaxPool2d(2))
            continue
        layers.append(nn.Conv2d(channels, item, 3, padding=1, bias=False))
        layers += [nn.BatchNorm2d(item), nn.ReLU()]
        channels = item
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(*layers)


def convolutional(name: str, data: tuple[np.ndarray, ...], seed: int) -> float:
    """Train the network; gives the share of right answers among the held-out ones."""
    torch.manual_seed(seed)
    shape = SHAPES[name]
    X, X_test = (torch.from_numpy(part).float().reshape(-1, *shape) for part in data[::2])
    y, y_test = (torch.from_numpy(part) for part in data[1::2])
    network = make_network(PLANS.get(name, LARGE), int(y.max()) + 1, shape[0])
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-3)
    steps = EPOCHS[name] * -(-len(X) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)
    for _ in range(EPOCHS[name]):
        network.train()
        for rows in torch.randperm(len(X)).split(32):
            inputs = X[rows]
            if name == "flora":
                inputs = inputs.rot90(int(torch.randint(4, ())), (2, 3))
            optimiser.zero_grad()
            functional.cross_entropy(network(inputs), y[rows]).backward()
            optimiser.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        return (network(X_test).argmax(1) == y_test).float().mean().item()


def main() -> None:
    """Measure, print the table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    table: dict[str, dict] = {name: {} for name in (*METHODS, NETWORK)}
    for name in SHAPES:
        runs: dict[str, list[float]] = {method: [] for method in table}
        for seed in range(arguments.seeds):
            data = task(name, seed)
            for method, make in METHODS.items():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # some stop before they have converged
                    fitted = make(seed).fit(*data[:2])
                runs[method].append(100 * fitted.score(*data[2:]))
            runs[NETWORK].append(100 * convolutional(name, data, seed))
        for method, scores in runs.items():
            spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
            table[method][name] = {
                "mean": round(statistics.mean(scores), 1),
                "standard_deviation": round(spread, 1),
                "runs": [round(score, 1) for score in scores],
            }
            print(
                f"{name:7} {method:25} {statistics.mean(scores):5.1f} ± {spread:.1f} %", flush=True
            )
    report = {
        "what": "held-out accuracy in per cent; a quarter of the data held out",
        "seeds": arguments.seeds,
        "flora": f"10 species, {PER_SPECIES} pictures of 32 × 32 each",
        "seconds": round(time.perf_counter() - began),
        "table": table,
    }
    write_facts(arguments.json, report)


if __name__ == "__main__":
    main()
