"""Ways in which a network gets its pictures: endless batches on the device, ready to train on.

All but `drawn` give the same pictures. `from_shards` and `from_memory` are what the course does,
with the notebook's augmentation, batch by batch on the device; `usual` is how most people would
write it, with the same changes of a picture as torchvision's transforms, one picture at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from helpers.challenge.flora import draw
from helpers.challenge.prefetching import Batch, ReadAhead, on_device, resident_batches
from helpers.challenge.shard_making import make_shards
from helpers.challenge.shards import open_shards
from helpers.challenge.species import make_species

SHIFT = 4  # pixels, as in the notebook's augmentation
AHEAD = 2  # batches that are on their way to the device; and that each worker may be ahead
_SEED = 1
_DRAWN_AT_ONCE = {"cpu": 32, "cuda": 4096}  # at least


@dataclass(frozen=True)
class Stock:
    """A set of pictures of the flora, twice: on the device, and as shards on disk.

    Args:
        images: (N, 3, size, size) uint8, on the device.
        labels: (N,) int64, on the device.
        folder: of the shards.
        species: of the classes, on the device.
    """

    images: Tensor
    labels: Tensor
    folder: Path
    species: Tensor

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return self.images.device


@dataclass(frozen=True)
class _Held:
    """Pictures in memory as a source of shards."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    def describe(self) -> dict[str, Any]:
        return {"source": "benchmarks/challenge.py"}

    def pictures(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        return self.images[first:last], self.labels[first:last]


def make_stock(folder: Path, pictures: int, classes: int, size: int, device: torch.device) -> Stock:
    """Draw a set on the device, and write it into shards.

    Args:
        folder: for the shards; empty, or not there yet.
        pictures: how many.
        classes: how many.
        size: side of a picture in pixels.
        device: where the pictures are drawn.

    Returns:
        The set.
    """
    species = make_species(range(classes)).to(device)
    order = np.random.default_rng(_SEED).permutation(pictures)
    labels = torch.from_numpy(order % classes).to(device)
    images = draw(species, labels, seed=_SEED, size=size)
    make_shards({"train": _Held(images.cpu().numpy(), labels.cpu().numpy())}, folder)
    return Stock(images, labels, folder, species)


def fixed(stock: Stock, batch: int) -> Iterator[Batch]:
    """Give one batch, which lies on the device, again and again: nothing could be faster."""
    return repeat((stock.images[:batch].clone(), stock.labels[:batch].clone()))


def from_shards(stock: Stock, batch: int, answers: ModuleType, workers: int) -> Iterator[Batch]:
    """Read shards through memory maps, in processes of their own; augment on the device."""
    shards = [(shard.images, shard.labels) for shard in open_shards(stock.folder, "train")]

    def reader(epoch: int, worker: int, workers: int) -> Iterator[Batch]:
        part = answers.ShardedImages(shards, batch, worker=worker, workers=workers, seed=_SEED)
        part.set_epoch(epoch)
        for images, labels in part:
            if len(labels) == batch:  # every step is to be the same amount of work
                yield images, labels

    pinned = stock.device.type == "cuda"
    reading = ReadAhead(reader, workers=workers, pinned=pinned, ahead=AHEAD)
    for images, labels in on_device(reading.endless(), stock.device, ahead=AHEAD):
        yield answers.augment_batch(images, SHIFT), labels


def from_memory(stock: Stock, batch: int, answers: ModuleType) -> Iterator[Batch]:
    """Take pictures out of a set that lies on the device; augment them there."""
    for epoch in count():
        for images, labels in resident_batches(
            stock.images, stock.labels, batch, seed=_SEED, epoch=epoch
        ):
            yield answers.augment_batch(images, SHIFT), labels


def drawn(stock: Stock, batch: int) -> Iterator[Batch]:
    """Draw new pictures on the device, which need no augmentation: each is seen once."""
    device, size = stock.device, stock.images.shape[-1]
    at_once = batch * -(-_DRAWN_AT_ONCE[device.type] // batch)
    for number in count():
        labels = torch.randint(len(stock.species), (at_once,), device=device)
        images = draw(stock.species, labels, seed=(_SEED << 32) + number, size=size)
        yield from zip(images.split(batch), labels.split(batch), strict=True)


def usual(stock: Stock, batch: int, workers: int) -> Iterator[Batch]:
    """Let workers read picture after picture and change each with torchvision's transforms."""
    pinned = stock.device.type == "cuda"
    loader = DataLoader(
        _OneByOne(stock.folder),
        batch,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        pin_memory=pinned,
        persistent_workers=workers > 0,
    )
    while True:
        for images, labels in loader:
            yield (
                images.to(stock.device, non_blocking=pinned),
                labels.to(stock.device, non_blocking=pinned),
            )


class _OneByOne(Dataset[tuple[Tensor, int]]):
    """One picture after the other, each changed by draws of its own and scaled."""

    def __init__(self, folder: Path) -> None:
        self.shards = open_shards(folder, "train")
        self.ends = np.cumsum([len(shard.labels) for shard in self.shards])
        self.change = v2.Compose(
            [
                v2.RandomHorizontalFlip(),
                v2.RandomVerticalFlip(),
                v2.RandomApply([v2.Lambda(_transposed)]),
                v2.RandomCrop(
                    self.shards[0].images.shape[-1], padding=SHIFT, padding_mode="reflect"
                ),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize([0.5] * 3, [0.5] * 3),
            ]
        )

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        number = int(np.searchsorted(self.ends, index, side="right"))
        place = index - int(self.ends[number])  # counted from the shard's end
        shard = self.shards[number]
        image = torch.from_numpy(np.array(shard.images[place]))
        return self.change(image), int(shard.labels[place])


def _transposed(image: Tensor) -> Tensor:
    return image.transpose(-1, -2)
