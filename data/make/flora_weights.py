"""Makes flora_weights.npz: a small network, trained to tell 48 species of the flora apart.

The network is week 4's own: blocks of 3 × 3 convolution, batch normalisation and ReLU with max
pooling between them, the mean over all places, one linear layer. Only its features are stored,
in half precision; the species of week 4's fine-tuning were never seen.
"""

from pathlib import Path

import archive
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.challenge import flora

SPECIES = range(100, 148)
PER_SPECIES = 300
TEST_PER_SPECIES = 25
SIZE = 32
PLAN: tuple[int | str, ...] = (16, "pool", 32, "pool", 64, "pool", 128)
EPOCHS = 20
BATCH = 64
RATE = 4e-3
DECAY = 0.01
SEED = 4


class Network(nn.Module):
    """The network of week 4, with the names that its parameters have there.

    Args:
        classes: how many there are.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for item in PLAN:
            if isinstance(item, str):
                layers.append(nn.MaxPool2d(2))
                continue
            layers.append(nn.Conv2d(channels, item, 3, padding=1, bias=False))
            layers += [nn.BatchNorm2d(item), nn.ReLU()]
            channels = item
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(channels, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Score pictures: (N, 3, H, W) to (N, classes)."""
        return self.head(self.features(images).mean(dim=(2, 3)))


def prepare(images: Tensor) -> Tensor:
    """Turn bytes into numbers from −2 to 2."""
    return (images.float() / 255 - 0.5) / 0.25


def augment(images: Tensor) -> Tensor:
    """Turn a batch by a quarter turn drawn for all of it, and mirror it half of the time."""
    turned = images.rot90(int(torch.randint(4, ())), (2, 3))
    return turned.flip(3) if torch.rand(()) < 0.5 else turned


def train(
    network: nn.Module, groups: list, images: Tensor, labels: Tensor, *, epochs: int, batch: int
) -> None:
    """Train with AdamW on a learning rate that rises for a fifth of the steps, then falls.

    Args:
        network: what is trained; modules that stay in evaluation mode are the caller's affair.
        groups: parameters, each group with its highest learning rate `lr`.
        images: bytes (N, 3, H, W).
        labels: (N,).
        epochs: how many.
        batch: pictures in a batch.
    """
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    steps = epochs * -(-len(images) // batch)
    rates = [group["lr"] for group in optimiser.param_groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=rates, total_steps=steps, pct_start=0.2
    )
    for _ in range(epochs):
        network.train()
        for rows in torch.randperm(len(images)).split(batch):
            scores = network(augment(prepare(images[rows])))
            optimiser.zero_grad()
            functional.cross_entropy(scores, labels[rows]).backward()
            optimiser.step()
            schedule.step()


@torch.no_grad()
def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Give the share of right answers in per cent."""
    network.eval()
    scores = torch.cat([network(prepare(part)) for part in images.split(250)])
    return 100 * (scores.argmax(1) == labels).float().mean().item()


def make(folder: Path) -> list[Path]:
    """Train, and write flora_weights.npz into the folder."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    network = Network(len(SPECIES))
    images, labels = flora.make_set(SPECIES, PER_SPECIES, seed=41, size=SIZE)
    groups = [{"params": list(network.parameters()), "lr": RATE}]
    train(network, groups, images, labels, epochs=EPOCHS, batch=BATCH)
    unseen = flora.make_set(SPECIES, TEST_PER_SPECIES, seed=42, size=SIZE)
    reached = accuracy(network, *unseen)
    print(f"{reached:.1f} % of new pictures of the {len(SPECIES)} species")
    state = network.features.state_dict()
    arrays = {
        name: value.numpy().astype(np.float16 if value.is_floating_point() else np.int64)
        for name, value in state.items()
    }
    path = folder / "flora_weights.npz"
    archive.write_npz(path, arrays)
    return [path]


if __name__ == "__main__":
    archive.run(make, __doc__)
