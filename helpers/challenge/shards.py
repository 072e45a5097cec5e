"""Large sets of pictures on disk: files of a few thousand pictures each, read through memory maps.

    for shard in open_shards(folder, "train"):
        shard.images[5], shard.labels[5]  # reads one picture from disk

A folder holds `index.json`, which says what the set is and lists its files with their SHA-256, and
for each split `00000.images.npy`, (n, C, H, W) uint8, and `00000.labels.npy`, (n,) int64, and so
on: files that NumPy reads without this module. `helpers.challenge.shard_making` makes them.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helpers.challenge.errors import ChallengeError

INDEX = "index.json"
FORMAT = 1


@dataclass(frozen=True)
class Shard:
    """One open shard.

    Args:
        images: (n, C, H, W) uint8, a read-only memory map.
        labels: (n,) int64.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Job:
    """One shard to be made: a split, the shard's number, and which of the split's pictures it has.

    Args:
        split: the split's name.
        number: the shard's number within it.
        first: number of its first picture within the split.
        last: number of the picture after its last one.
    """

    split: str
    number: int
    first: int
    last: int

    @property
    def files(self) -> tuple[str, str]:
        """Name the files of pictures and labels, within the set's folder."""
        stem = f"{self.split}/{self.number:05}"
        return f"{stem}.images.npy", f"{stem}.labels.npy"


def open_shards(folder: Path, split: str) -> list[Shard]:
    """Open the shards of a split.

    Args:
        folder: of the set.
        split: the split's name.

    Returns:
        The shards in order; their pictures are read when they are looked at.

    Raises:
        ChallengeError: there is no such set or split, or it is not complete.
    """
    index = read_index(folder)
    if split not in index["splits"]:
        raise ChallengeError(
            f"{folder}: no split is called {split}", f"There are {', '.join(index['splits'])}."
        )
    shards = []
    for job in cut(split, index["splits"][split]["pictures"], index["pictures_in_shard"][split]):
        pair = []
        for name in job.files:
            if name not in index["sha256"] or not (folder / name).is_file():
                raise ChallengeError(
                    f"{folder}: {name} is missing", "Run the command that makes the set again."
                )
            try:
                pair.append(np.load(folder / name, mmap_mode="r"))
            except (OSError, ValueError, EOFError):
                raise ChallengeError(
                    f"{folder}: {name} is damaged", "Run the command that makes the set again."
                ) from None
        shards.append(Shard(pair[0], np.array(pair[1])))
    return shards


def read_index(folder: Path) -> dict[str, Any]:
    """Read what a folder's `index.json` says about its set.

    Args:
        folder: of the set.

    Returns:
        `splits` (each with what its source says of itself), `pictures_in_shard`, `sha256` by file.

    Raises:
        ChallengeError: there is none, or it cannot be read.
    """
    path = folder / INDEX
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ChallengeError(
            f"{folder} holds no set of pictures", "Make one there first: `course challenge data`."
        ) from None
    except (ValueError, UnicodeDecodeError):
        index = None
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise ChallengeError(f"{path} is damaged", f"Delete {folder} and make the set again.")
    return index


def cut(split: str, pictures: int, each: int) -> list[Job]:
    """Cut a split into shards.

    Args:
        split: the split's name.
        pictures: of the whole split.
        each: pictures in each shard but the last.

    Returns:
        The shards in order.
    """
    return [
        Job(split, number, first, min(first + each, pictures))
        for number, first in enumerate(range(0, pictures, each))
    ]
