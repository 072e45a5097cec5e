"""Read shards for training: every picture once an epoch, whatever the count of processes.

    pictures = ShardedImages(folder, "train", batch=256, seed=0, rank=rank, ranks=ranks)
    loader = DataLoader(pictures, batch_size=None, num_workers=4)
    for epoch in range(10):
        pictures.set_epoch(epoch)
        for images, labels in loader: ...

The order of an epoch is one sequence of all pictures, the same for everybody: shards in random
order, and the pictures within each. Every rank takes one stretch of it, every worker one part of
that stretch. So nothing is read twice and nothing is left out, each process reads few shards, and
ranks have equally many batches, as gradients that are averaged over ranks need.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from helpers.challenge.shards import Shard, open_shards


class ShardedImages(IterableDataset[tuple[Tensor, Tensor]]):
    """Batches of pictures from shards, one stretch of them for each rank and worker.

    Workers change the order of a rank's batches, and not their number. Where pictures do not divide
    by the ranks, up to ranks − 1 of them are left out of an epoch of training, others each time;
    with `shuffle=False` none is, and ranks may differ by one.

    Args:
        folder: of the set.
        split: "train", "test", ….
        batch: pictures in a batch.
        seed: of the order; the same for every rank.
        rank: number of this process.
        ranks: how many processes share the set.
        shuffle: a new order each epoch; else the order on disk.

    Raises:
        ValueError: a rank that does not exist, or an empty batch.
        ChallengeError: there is no complete set in the folder.
    """

    def __init__(
        self,
        folder: Path,
        split: str,
        *,
        batch: int,
        seed: int = 0,
        rank: int = 0,
        ranks: int = 1,
        shuffle: bool = True,
    ) -> None:
        if not 0 <= rank < ranks:
            raise ValueError(f"of {ranks} ranks, none has the number {rank}")
        if batch < 1:
            raise ValueError(f"a batch has at least one picture, not {batch}")
        self.folder, self.split, self.batch = folder, split, batch
        self.seed, self.rank, self.ranks, self.shuffle = seed, rank, ranks, shuffle
        # shared memory, so that workers that live on from epoch to epoch see the new number
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._lengths = [len(shard.labels) for shard in open_shards(folder, split)]

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch comes next; without it every epoch has the order of the first.

        Args:
            epoch: its number, from 0.
        """
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        """Count this rank's batches in an epoch; only the last one may be smaller."""
        first, last = self._stretch()
        return -(-(last - first) // self.batch)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Give the batches: (n, C, H, W) uint8 and (n,) int64."""
        first, last = self._stretch()
        worker = get_worker_info()
        if worker is not None:  # whole batches, so that only a rank's last one may be smaller
            parts = [len(self) * n // worker.num_workers for n in (worker.id, worker.id + 1)]
            first, last = (min(last, first + self.batch * part) for part in parts)
        shards = open_shards(self.folder, self.split)
        waiting: list[tuple[int, np.ndarray]] = []
        held = 0
        for number, rows in self._order(first, last):
            while len(rows):
                taken = rows[: self.batch - held]
                waiting.append((number, taken))
                held += len(taken)
                rows = rows[len(taken) :]
                if held == self.batch:
                    yield _read(shards, waiting)
                    waiting, held = [], 0
        if waiting:
            yield _read(shards, waiting)

    def _stretch(self) -> tuple[int, int]:
        """Say which part of the epoch's sequence is this rank's."""
        total = sum(self._lengths)
        if self.shuffle:
            each = total // self.ranks
            return self.rank * each, (self.rank + 1) * each
        return total * self.rank // self.ranks, total * (self.rank + 1) // self.ranks

    def _order(self, first: int, last: int) -> Iterator[tuple[int, np.ndarray]]:
        """Give the shards and rows at places first to last − 1 of the epoch's sequence."""
        epoch = int(self._epoch)
        shards = np.arange(len(self._lengths))
        if self.shuffle:
            np.random.default_rng((self.seed, epoch)).shuffle(shards)
        begin = 0
        for number in shards.tolist():
            end = begin + self._lengths[number]
            if begin < last and first < end:
                rows = np.arange(self._lengths[number])
                if self.shuffle:
                    np.random.default_rng((self.seed, epoch, number)).shuffle(rows)
                yield number, rows[max(0, first - begin) : last - begin]
            begin = end


def _read(shards: list[Shard], places: list[tuple[int, np.ndarray]]) -> tuple[Tensor, Tensor]:
    images, labels = [], []
    for number, rows in places:
        in_order = np.sort(rows)  # from the front of the file to its end
        images.append(shards[number].images[in_order])
        labels.append(shards[number].labels[in_order])
    return torch.from_numpy(np.concatenate(images)), torch.from_numpy(np.concatenate(labels))
