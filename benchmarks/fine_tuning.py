"""Fine-tuning on species of the flora that the shipped weights never saw, against starting afresh.

    python benchmarks/fine_tuning.py [--seeds 5] [--json benchmarks/results/fine_tuning.json]

Three ways to learn ten species from 2, 10 or 50 pictures each: the whole network from scratch, a
new head on frozen features, and both fine-tuned with a smaller rate for the features. A seed
decides the ten species, their pictures, the weights and the order. Half an hour on one core.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch

from helpers import datasets
from helpers.challenge import flora

sys.path.insert(0, str(Path(__file__).parents[1] / "data" / "make"))

from flora_weights import SIZE, SPECIES, Network, accuracy, train
from recording import write_facts

CLASSES = 10
TEST_PER_CLASS = 50
EPOCHS = {2: 60, 10: 40, 50: 20}  # more steps on fewer pictures; the same for all three ways
BATCH = 10
WAYS = ("from scratch", "new head", "fine-tuned")
RATES = {"from scratch": (4e-3, 4e-3), "new head": (1e-2, 0.0), "fine-tuned": (1e-2, 1e-3)}


def one_run(way: str, per_class: int, seed: int) -> float:
    """Train once, and give the accuracy on new pictures in per cent."""
    species = range(SPECIES.stop + CLASSES * seed, SPECIES.stop + CLASSES * (seed + 1))
    images, labels = flora.make_set(species, per_class, seed=1000 + seed, size=SIZE)
    unseen = flora.make_set(species, TEST_PER_CLASS, seed=2000 + seed, size=SIZE)
    torch.manual_seed(seed)
    network = Network(CLASSES)
    head, features = RATES[way]
    if way != "from scratch":
        weights = datasets.flora_weights()
        network.features.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    groups = [{"params": list(network.head.parameters()), "lr": head}]
    if way == "new head":
        network.features.requires_grad_(False).eval()
        network.features.train = lambda mode=True: network.features
    else:
        groups.append({"params": list(network.features.parameters()), "lr": features})
    train(network, groups, images, labels, epochs=EPOCHS[per_class], batch=BATCH)
    return accuracy(network, *unseen)


def main() -> None:
    """Measure, print the table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    table = {}
    for per_class in EPOCHS:
        for way in WAYS:
            runs = [one_run(way, per_class, seed) for seed in range(arguments.seeds)]
            spread = statistics.stdev(runs) if len(runs) > 1 else 0.0
            table[f"{way}, {per_class} a class"] = {
                "mean": round(statistics.mean(runs), 1),
                "standard_deviation": round(spread, 1),
                "runs": [round(run, 1) for run in runs],
            }
            print(f"{per_class:3} a class  {way:13} {statistics.mean(runs):5.1f} ± {spread:.1f} %")
    report = {
        "what": "accuracy in per cent on 50 new pictures of each of 10 unseen species, 32 × 32",
        "seeds": arguments.seeds,
        "epochs": EPOCHS,
        "seconds": round(time.perf_counter() - began),
        "table": table,
    }
    write_facts(arguments.json, report)


if __name__ == "__main__":
    main()
