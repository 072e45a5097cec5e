"""Makes lenet_fashion.npz: a LeNet trained on Fashion-MNIST, with its answers.

One thread, about a minute. PyTorch trains it; the stored answers are computed from the stored
weights in 64-bit arithmetic. Another processor or another version of PyTorch rounds otherwise
and gives other weights, of the same quality.
"""

from pathlib import Path

import archive
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers import datasets

EPOCHS = 5
BATCH = 64
LEARNING_RATE = 2e-3
SEED = 5
KEPT = 32  # test pictures whose answers are stored


def build() -> nn.Sequential:
    """Make the untrained net: 61,706 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def train(model: nn.Sequential, images: torch.Tensor, labels: torch.Tensor, seed: int) -> None:
    """Train by Adam, the learning rate falling to 0 along a cosine; the seed draws the batches."""
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=1e-4)
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    draw = torch.Generator().manual_seed(seed)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(images), generator=draw).split(BATCH):
            optimiser.zero_grad()
            F.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimiser.step()
            schedule.step()


def accuracy(model: nn.Sequential, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Measure the share of pictures that are classified rightly."""
    with torch.no_grad():
        return float((model(images).argmax(dim=1) == labels).double().mean())


def pictures(images: np.ndarray) -> torch.Tensor:
    """Turn bytes (N, H, W) into what the net reads: (N, 1, H, W), from 0 to 1."""
    return torch.from_numpy(images[:, None] / np.float32(255))


def arrays_of(model: nn.Sequential) -> dict[str, np.ndarray]:
    """Name the weights as the course does; a dense layer's W is (inputs, outputs)."""
    layers = [layer for layer in model if isinstance(layer, nn.Conv2d | nn.Linear)]
    names = ("conv1", "conv2", "dense1", "dense2", "dense3")
    arrays = {}
    for name, layer in zip(names, layers, strict=True):
        weight = layer.weight.detach()
        arrays[f"{name}_weight"] = (weight.T if weight.ndim == 2 else weight).numpy()
        arrays[f"{name}_bias"] = layer.bias.detach().numpy()
    return arrays


def make(folder: Path) -> list[Path]:
    """Write lenet_fashion.npz into the folder."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    full, small = datasets.fashion_mnist("full"), datasets.fashion_mnist("small28")
    model = build()
    train(model, pictures(full.train_images), torch.from_numpy(full.train_labels), SEED)
    share = accuracy(model, pictures(full.test_images), torch.from_numpy(full.test_labels))
    arrays = arrays_of(model)
    kept = small.test_images[:KEPT]
    with torch.no_grad():
        outputs = model.double()(torch.from_numpy(kept[:, None] / 255)).numpy()
    arrays |= {
        "images": kept,
        "labels": small.test_labels[:KEPT].astype(np.uint8),
        "outputs": outputs,
        "accuracy": np.array([share]),
    }
    path = folder / "lenet_fashion.npz"
    archive.write_npz(path, arrays)
    return [path]


if __name__ == "__main__":
    archive.run(make, __doc__)
