"""Every picture once an epoch: over ranks, over workers, over shards."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from helpers.challenge.errors import ChallengeError
from helpers.challenge.loading import ShardedImages
from helpers.challenge.shard_making import make_shards


class Numbered:
    """Pictures whose label is their own number, and whose pixels say it too."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.shape = (1, 2, 2)

    def __len__(self) -> int:
        return self.count

    def describe(self) -> dict:
        return {"source": "numbered"}

    def pictures(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(first, last)
        images = np.repeat(labels % 251, 4).reshape(-1, 1, 2, 2).astype(np.uint8)
        return images, labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("numbered") / "set"
    sources = {"train": Numbered(333), "test": Numbered(70)}
    make_shards(sources, place, shard_bytes=32 * 4)  # 32 pictures each: 11 shards and 3
    return place


def seen(pictures: ShardedImages, workers: int = 0) -> list[int]:
    labels = []
    for images, numbers in DataLoader(pictures, batch_size=None, num_workers=workers):
        assert images.dtype == torch.uint8
        assert torch.equal(images[:, 0, 1, 1].long(), numbers % 251)
        labels += numbers.tolist()
    return labels


@pytest.mark.parametrize("batch", [1, 7, 32, 50, 400])
def test_every_picture_once(folder: Path, batch: int) -> None:
    pictures = ShardedImages(folder, "train", batch=batch)
    assert sorted(seen(pictures)) == list(range(333))
    sizes = [len(labels) for _, labels in pictures]
    assert len(sizes) == len(pictures)
    assert set(sizes[:-1]) <= {batch}


@pytest.mark.parametrize("ranks", [2, 3, 4, 8])
def test_ranks_share_without_overlap_in_equal_parts(folder: Path, ranks: int) -> None:
    parts = [
        seen(ShardedImages(folder, "train", batch=10, rank=rank, ranks=ranks))
        for rank in range(ranks)
    ]
    assert {len(part) for part in parts} == {333 // ranks}
    every = [number for part in parts for number in part]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_without_shuffling_nothing_is_left_out(folder: Path, ranks: int) -> None:
    every = []
    for rank in range(ranks):
        every += seen(ShardedImages(folder, "test", batch=9, rank=rank, ranks=ranks, shuffle=False))
    assert every == list(range(70))


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_share_a_rank(folder: Path, workers: int) -> None:
    alone = [seen(ShardedImages(folder, "train", batch=10, rank=n, ranks=2)) for n in (0, 1)]
    for rank in (0, 1):
        pictures = ShardedImages(folder, "train", batch=10, rank=rank, ranks=2)
        assert sorted(seen(pictures, workers)) == sorted(alone[rank])


@pytest.mark.filterwarnings("error::UserWarning:torch.utils.data")
def test_workers_change_no_count_of_batches(folder: Path) -> None:
    pictures = ShardedImages(folder, "train", batch=50)
    loader = DataLoader(pictures, batch_size=None, num_workers=2)
    assert len(loader) == 7
    assert sorted(len(labels) for _, labels in loader) == [33] + [50] * 6


def test_epochs_differ_and_come_back(folder: Path) -> None:
    pictures = ShardedImages(folder, "train", batch=50, seed=4)
    first = seen(pictures)
    pictures.set_epoch(1)
    second = seen(pictures)
    assert sorted(first) == sorted(second)
    assert first != second
    pictures.set_epoch(0)
    assert seen(pictures) == first
    assert seen(ShardedImages(folder, "train", batch=50, seed=5)) != first


def test_workers_that_live_on_hear_of_the_epoch(folder: Path) -> None:
    pictures = ShardedImages(folder, "train", batch=50)
    loader = DataLoader(pictures, batch_size=None, num_workers=1, persistent_workers=True)
    orders = []
    for epoch in (0, 1):
        pictures.set_epoch(epoch)
        orders.append([number for _, labels in loader for number in labels.tolist()])
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_what_is_left_out_changes(folder: Path) -> None:
    """333 pictures on 2 ranks: one is left out, another one each epoch."""
    left_out = set()
    for epoch in range(6):
        every = set(range(333))
        for rank in (0, 1):
            pictures = ShardedImages(folder, "train", batch=10, rank=rank, ranks=2)
            pictures.set_epoch(epoch)
            every -= set(seen(pictures))
        assert len(every) == 1
        left_out |= every
    assert len(left_out) > 3


def test_shuffling_goes_over_shards_and_within(folder: Path) -> None:
    order = np.array(seen(ShardedImages(folder, "train", batch=32)))
    shard = order // 32
    assert sorted(shard.tolist()) != shard.tolist()
    begins = np.flatnonzero(np.diff(shard)) + 1
    assert len(begins) == 10  # each shard is read in one go


def test_wrong_arguments_are_named(folder: Path) -> None:
    with pytest.raises(ValueError, match="none has the number 2"):
        ShardedImages(folder, "train", batch=1, rank=2, ranks=2)
    with pytest.raises(ValueError, match="at least one picture"):
        ShardedImages(folder, "train", batch=0)
    with pytest.raises(ChallengeError, match="There are train, test"):
        ShardedImages(folder, "validation", batch=1)
