"""Bring batches to where the network is, ahead of time: a GPU should never wait for its pictures.

    reading = ReadAhead(reader, workers=4, pinned=True)       # processes that read
    for images, labels in on_device(reading.epoch(0), device):  # the next batch is on its way
        ...

Three things go on at once: processes read pictures from disk, the copying engine fetches the next
batch from pinned memory on a stream of its own, and the GPU trains on the present one. Where the
whole set fits into the GPU's memory nothing has to be brought at all: `resident_batches`.
"""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

Batch = tuple[Tensor, Tensor]
Reader = Callable[[int, int, int], Iterable[Batch]]
"""Gives the batches of an epoch that a worker reads: called with epoch, worker, workers."""


class ReadAhead:
    """The batches of one epoch after the other, read by processes of their own.

    The order depends on the reader and on the count of workers, not on their speed: a batch of each
    worker in turn. One worker reads the same batches, in the same order, as none does.

    Args:
        reader: gives the batches of an epoch that one of several workers reads.
        workers: how many processes read; with 0 this one does, when it is asked.
        pinned: put batches into pinned memory, from which a GPU can fetch by itself.
        ahead: how many batches each worker may be ahead.
    """

    def __init__(
        self, reader: Reader, *, workers: int = 0, pinned: bool = False, ahead: int = 2
    ) -> None:
        self.reader, self.workers, self.pinned = reader, workers, pinned
        self._part = _Part(reader)
        self._loader: DataLoader[Any] | None = None
        if workers:
            # Forked, since a notebook's classes cannot be pickled. A generator of its own, since a
            # loader draws from the common one otherwise, and a resumed run would not be the same.
            self._loader = DataLoader(
                self._part,
                batch_size=None,
                num_workers=workers,
                pin_memory=pinned,
                prefetch_factor=ahead,
                persistent_workers=True,
                multiprocessing_context="fork",
                worker_init_fn=_begin,
                generator=torch.Generator(),
            )

    def epoch(self, number: int) -> Iterator[Batch]:
        """Read an epoch; one at a time.

        Args:
            number: of the epoch.

        Yields:
            Pictures and labels.
        """
        if self._loader is None:
            for images, labels in self.reader(number, 0, 1):
                yield (
                    (images.pin_memory(), labels.pin_memory()) if self.pinned else (images, labels)
                )
            return
        self._part.epoch.fill_(number)
        for images, labels in self._loader:
            yield images, labels

    def endless(self, epoch: int = 0) -> Iterator[Batch]:
        """Read epoch after epoch.

        Args:
            epoch: the first one.

        Yields:
            Pictures and labels.
        """
        while True:
            yield from self.epoch(epoch)
            epoch += 1


class _Part(IterableDataset[Batch]):
    """What one worker reads of an epoch."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        # in shared memory, so that workers that live on see the next number
        self.epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        assert worker is not None, "read by workers alone"
        return iter(self.reader(int(self.epoch), worker.id, worker.num_workers))


def _begin(worker: int) -> None:
    """Leave Ctrl-C to the process that started this one, and be ended by it in the usual way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def on_device(batches: Iterable[Batch], device: torch.device, *, ahead: int = 1) -> Iterator[Batch]:
    """Move batches to a device, each while the one before it is worked on.

    Args:
        batches: pictures and labels in the CPU's memory, pinned or not.
        device: where they go.
        ahead: how many batches are on their way while one is worked on.

    Yields:
        The same batches in the same order, on the device.
    """
    stream = torch.cuda.Stream(device) if device.type == "cuda" else None
    source = iter(batches)
    coming: deque[tuple[Batch, torch.cuda.Event | None]] = deque()

    def send_next() -> None:
        batch = next(source, None)
        if batch is not None:
            coming.append(_sent(batch, device, stream))

    for _ in range(ahead):
        send_next()
    while True:
        if not ahead:
            send_next()
        if not coming:
            return
        batch, arrived = coming.popleft()
        if arrived is not None:
            present = torch.cuda.current_stream(device)
            present.wait_event(arrived)
            for tensor in batch:  # its memory belongs to the other stream, which must not take it
                tensor.record_stream(present)  # back before this one has done with it
        if ahead:
            send_next()
        yield batch


def _sent(
    batch: Batch, device: torch.device, stream: torch.cuda.Stream | None
) -> tuple[Batch, torch.cuda.Event | None]:
    """Send a batch on its way; the event says when it has arrived."""
    images, labels = batch
    if stream is None:
        return (images.to(device), labels.to(device)), None
    # Only from pinned memory does a copy run beside everything else. The allocator of pinned memory
    # keeps it until the copy is done, so nobody here has to.
    images, labels = (t if t.is_pinned() else t.pin_memory() for t in (images, labels))
    with torch.cuda.stream(stream):
        moved = images.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        return moved, stream.record_event()


def resident_batches(
    images: Tensor, labels: Tensor, batch: int, *, seed: int, epoch: int
) -> Iterator[Batch]:
    """Give the batches of an epoch of a set that lies on the device as a whole.

    Args:
        images: (N, C, H, W).
        labels: (N,), on the same device.
        batch: pictures in a batch, at most N.
        seed: of the order.
        epoch: its number; each has another order.

    Yields:
        Pictures and labels; where N is no multiple of the batch, up to batch − 1 pictures are left
        out, others in each epoch.
    """
    device = images.device
    generator = torch.Generator(device).manual_seed((seed << 20) + epoch)
    order = torch.randperm(len(images), generator=generator, device=device)
    for first in range(0, len(order) - batch + 1, batch):
        chosen = order[first : first + batch]
        yield images.index_select(0, chosen), labels.index_select(0, chosen)
