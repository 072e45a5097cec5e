"""Make large sets of pictures on disk, shard by shard; `helpers.challenge.shards` reads them.

    make_shards({"train": source, "test": other}, folder)  # may be stopped, and run again to go on

A shard's content depends on the set's description and its place alone, so shards are made in any
order, by several processes, and a set that was interrupted goes on where it stopped. A file gets
its name when it is complete, and is listed, with its checksum, after that.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO, Protocol

import numpy as np
import torch

from helpers.challenge.errors import ChallengeError
from helpers.challenge.shards import FORMAT, INDEX, Job, cut, read_index

SHARD_BYTES = 50_000_000
"""About what the pictures of one shard take."""

_HEADER = 128  # bytes of a .npy file before its numbers
_UNFINISHED = ".part"
_ROOM_LEFT = 10_000_000  # bytes that stay free on the disk


class Source(Protocol):
    """Where the pictures of one split come from."""

    def __len__(self) -> int:
        """Count the pictures."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of each picture."""

    def describe(self) -> dict[str, Any]:
        """Say, in terms of JSON, all that the pictures depend on."""

    def pictures(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Give pictures first to last − 1, (n, C, H, W) uint8, and their labels, (n,) int64."""


@dataclass(frozen=True)
class Plan:
    """What is there and what has to be made.

    Args:
        pictures: of the whole set.
        shards: of the whole set.
        needed: bytes of the whole set.
        missing: the shards to be made.
        missing_bytes: what these take.
        free: bytes that are free on the disk.
        damaged: files that were listed and are not as they were written.
    """

    pictures: int
    shards: int
    needed: int
    missing: tuple[Job, ...]
    missing_bytes: int
    free: int
    damaged: tuple[str, ...]


Progress = Callable[[int], None]


def plan_shards(
    sources: Mapping[str, Source],
    folder: Path,
    *,
    shard_bytes: int = SHARD_BYTES,
    progress: Progress = lambda done: None,
) -> Plan:
    """See what has to be made, and check what is there against its checksums.

    Args:
        sources: the splits by name.
        folder: of the set; it need not exist.
        shard_bytes: about what the pictures of one shard take.
        progress: called with the number of shards looked at.

    Returns:
        The plan.

    Raises:
        ChallengeError: the folder holds another set, or something else.
    """
    listed = _listed(sources, folder, shard_bytes)
    jobs = _jobs(sources, shard_bytes)
    missing, damaged = [], []
    for done, job in enumerate(jobs, start=1):
        sums = [listed.get(name) for name in job.files]
        wrong = [
            name
            for name, known in zip(job.files, sums, strict=True)
            if known is not None and _sum(folder / name) != known
        ]
        damaged += wrong
        if wrong or None in sums:
            missing.append(job)
        progress(done)
    return Plan(
        pictures=sum(len(source) for source in sources.values()),
        shards=len(jobs),
        needed=sum(_bytes(job, sources) for job in jobs),
        missing=tuple(missing),
        missing_bytes=sum(_bytes(job, sources) for job in missing),
        free=_free(folder),
        damaged=tuple(damaged),
    )


def make_shards(
    sources: Mapping[str, Source],
    folder: Path,
    *,
    shard_bytes: int = SHARD_BYTES,
    workers: int = 1,
    plan: Plan | None = None,
    progress: Progress = lambda done: None,
) -> Plan:
    """Make a set, or what is missing of it.

    Args:
        sources: the splits by name.
        folder: of the set.
        shard_bytes: about what the pictures of one shard take.
        workers: processes that make shards; 1 makes them in this one.
        plan: from `plan_shards` for the same arguments, if that was called before.
        progress: called with the number of shards made so far.

    Returns:
        The plan that was carried out.

    Raises:
        ChallengeError: the disk is too small or fills up, or the folder holds another set.
    """
    plan = plan or plan_shards(sources, folder, shard_bytes=shard_bytes)
    if plan.missing_bytes + _ROOM_LEFT > plan.free:
        lacking = plan.missing_bytes + _ROOM_LEFT - plan.free
        raise ChallengeError(
            f"{folder}: the set needs {in_words(plan.missing_bytes)} more, "
            f"{in_words(plan.free)} is free",
            f"Make {in_words(lacking)} of room there, or give a folder on another disk.",
        )
    made = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        listed = _listed(sources, folder, shard_bytes)
        for job in plan.missing:  # a damaged one may be replaced by now: unlisted until it is
            for name in job.files:
                listed.pop(name, None)
        _write_index(sources, folder, shard_bytes, listed)
        with contextlib.closing(_made(sources, folder, plan.missing, workers)) as finished:
            for sums in finished:
                listed |= sums
                _write_index(sources, folder, shard_bytes, listed)
                made += 1
                progress(made)
    except OSError as error:
        left = sum(_bytes(job, sources) for job in plan.missing[made:])
        raise ChallengeError(
            f"{error.filename or folder}: {error.strerror}; "
            f"{plan.shards - len(plan.missing) + made} of {plan.shards} shards are made and kept",
            f"Make sure that {in_words(left + _ROOM_LEFT)} can be written there; "
            "then run it again to go on.",
        ) from None
    return plan


def _jobs(sources: Mapping[str, Source], shard_bytes: int) -> list[Job]:
    return [
        job
        for split, source in sources.items()
        for job in cut(split, len(source), _pictures_in_shard(source, shard_bytes))
    ]


def _bytes(job: Job, sources: Mapping[str, Source]) -> int:
    """Say what a shard takes on disk."""
    each = int(np.prod(sources[job.split].shape)) + np.dtype(np.int64).itemsize
    return (job.last - job.first) * each + 2 * _HEADER


def _pictures_in_shard(source: Source, shard_bytes: int) -> int:
    """Say how many pictures a shard has: a multiple of 32, as flora is drawn 32 at a time."""
    return max(1, shard_bytes // (32 * int(np.prod(source.shape)))) * 32


def _about(sources: Mapping[str, Source], shard_bytes: int) -> dict[str, Any]:
    """Give the part of the index that does not change while the set is made."""
    return {
        "format": FORMAT,
        "made by": "helpers.challenge.shard_making",
        "splits": {
            split: {"pictures": len(source), "shape": list(source.shape), **source.describe()}
            for split, source in sources.items()
        },
        "pictures_in_shard": {
            split: _pictures_in_shard(source, shard_bytes) for split, source in sources.items()
        },
    }


def _listed(sources: Mapping[str, Source], folder: Path, shard_bytes: int) -> dict[str, str]:
    """Give the checksums of finished files; refuse a folder that is not this set's."""
    if not (folder / INDEX).is_file():
        strangers = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        if strangers:
            raise ChallengeError(
                f"{folder} holds other files ({', '.join(strangers[:3])})",
                "Give an empty folder, or one that does not exist yet.",
            )
        return {}
    index = read_index(folder)
    about = json.loads(json.dumps(_about(sources, shard_bytes)))
    if {name: index.get(name) for name in about} != about:
        raise ChallengeError(
            f"{folder} holds another set of pictures",
            f"Give another folder, or delete {folder} if that set is not needed.",
        )
    return dict(index["sha256"])


def _write_index(
    sources: Mapping[str, Source], folder: Path, shard_bytes: int, sums: dict[str, str]
) -> None:
    text = json.dumps(
        {**_about(sources, shard_bytes), "sha256": dict(sorted(sums.items()))}, indent=1
    )
    new = folder / (INDEX + _UNFINISHED)
    with open(new, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / INDEX)


def _sweep(folder: Path) -> None:
    """Delete what was not finished."""
    for unfinished in [*folder.glob(f"*{_UNFINISHED}"), *folder.glob(f"*/*{_UNFINISHED}")]:
        unfinished.unlink()


def _made(
    sources: Mapping[str, Source], folder: Path, jobs: tuple[Job, ...], workers: int
) -> Generator[dict[str, str], None, None]:
    """Make shards, in this process or in others; yield the checksums of each as it is finished."""
    if workers == 1 or len(jobs) < 2:
        for job in jobs:
            yield _make_one(sources[job.split], folder, job)
        return
    pool = ProcessPoolExecutor(
        min(workers, len(jobs)), mp_context=get_context("spawn"), initializer=_begin_worker
    )
    try:
        waiting: list[Future[dict[str, str]]] = [
            pool.submit(_make_one, sources[job.split], folder, job) for job in jobs
        ]
        for future in waiting:
            yield future.result()
    except BrokenProcessPool:
        raise ChallengeError(
            "a process that makes pictures was ended from outside",
            "If memory is short, use fewer workers; what was finished is kept, run it again.",
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    """Use one core, and end when the process that started this one ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process ends this one
    torch.set_num_threads(1)
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            connection.wait([parent.sentinel])
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def _make_one(source: Source, folder: Path, job: Job) -> dict[str, str]:
    images, labels = source.pictures(job.first, job.last)
    sums = {}
    for name, array in zip(job.files, (images, labels), strict=True):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(path.name + _UNFINISHED)
        try:
            with open(new, "wb") as file:
                summing = _Summing(file)
                np.lib.format.write_array(summing, np.ascontiguousarray(array), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        sums[name] = summing.sum.hexdigest()
    return sums


class _Summing:
    """A file to write to, whose checksum is known at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.sum = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write, and add to the checksum."""
        self.sum.update(data)
        return self.file.write(data)


def _sum(path: Path) -> str | None:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _free(folder: Path) -> int:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def in_words(count: int) -> str:
    """Write a number of bytes for people to read.

    Args:
        count: the bytes.

    Returns:
        For example "1.4 GB".
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"
