"""The pictures of a training run: a tier of the flora in memory, or shards on disk.

pictures = flora_pictures("small", fresh=False)      # drawn now
pictures = stored_pictures(Path("flora/medium"))     # made before by `course challenge data`
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from helpers.challenge.errors import ChallengeError
from helpers.challenge.shards import open_shards
from helpers.challenge.tiers import TIERS, TRAIN_SEED, tier_sources

Shards = Sequence[tuple[np.ndarray, np.ndarray]]

_IN_MEMORY = 40_000  # more pictures than that are kept on disk
_FRESH_SEEDS = 10_000  # where the seeds of the epochs' new pictures begin
_DRAWN_AT_ONCE = 3200


@dataclass(frozen=True)
class Pictures:
    """What a run trains on, and what it watches itself with.

    Args:
        train: gives the shards of an epoch: pairs of pictures (n, C, H, W) uint8 and labels.
        test_images: (N, C, H, W) uint8.
        test_labels: (N,) int64.
        classes: how many.
    """

    train: Callable[[int], Shards]
    test_images: Tensor
    test_labels: Tensor
    classes: int

    @property
    def size(self) -> int:
        """The side of a picture in pixels."""
        return self.test_images.shape[-1]


def flora_pictures(tier: str, *, fresh: bool = False, test: int | None = None) -> Pictures:
    """Draw a tier of the flora.

    Args:
        tier: a name of `TIERS`, of a size that memory holds.
        fresh: new pictures of the same species in every epoch.
        test: how many test pictures at most; all of them unless given.

    Returns:
        The pictures.

    Raises:
        ChallengeError: there is no such tier, or it is too large to be drawn now, or there would be
            no test pictures.
    """
    _check_test(test)
    if tier not in TIERS:
        raise ChallengeError(f"no tier is called {tier}", f"There are {', '.join(TIERS)}.")
    sources = tier_sources(TIERS[tier])
    source, held_out = sources["train"], sources["test"]
    if len(source) > _IN_MEMORY:
        raise ChallengeError(
            f"the tier {tier} has {len(source):,} pictures, too many to draw them at every start",
            "Make it once with `course challenge data`, and give its folder with --data.",
        )
    kept: dict[int, Shards] = {}

    def train(epoch: int) -> Shards:
        seed = _FRESH_SEEDS + epoch if fresh and epoch else TRAIN_SEED
        if seed not in kept:
            kept.clear()
            now = replace(source, seed=seed)
            firsts = range(0, len(now), _DRAWN_AT_ONCE)
            kept[seed] = [
                now.pictures(first, min(first + _DRAWN_AT_ONCE, len(now))) for first in firsts
            ]
        return kept[seed]

    images, labels = held_out.pictures(0, min(test or len(held_out), len(held_out)))
    return Pictures(train, torch.from_numpy(images), torch.tensor(labels), TIERS[tier].classes)


def stored_pictures(folder: Path, *, test: int | None = 5000) -> Pictures:
    """Open a set that lies on disk.

    Args:
        folder: of the set, with splits "train" and "test".
        test: how many test pictures at most.

    Returns:
        The pictures; those for training are read when they are looked at. Grey ones come in three
        equal channels, for networks that take colours.

    Raises:
        ChallengeError: there is no such set, or it is not complete.
    """
    _check_test(test)
    shards = [(_in_colour(shard.images), shard.labels) for shard in open_shards(folder, "train")]
    held_out = open_shards(folder, "test")
    images = np.concatenate([_in_colour(shard.images) for shard in held_out])[:test]
    labels = np.concatenate([shard.labels for shard in held_out])[:test]
    classes = 1 + max(int(labels.max()), *(int(each.max()) for _, each in shards))
    return Pictures(
        lambda epoch: shards, torch.from_numpy(images), torch.from_numpy(labels), classes
    )


def _in_colour(images: np.ndarray) -> np.ndarray:
    """Show grey pictures in three channels; nothing is read or copied."""
    count, channels, height, width = images.shape
    return images if channels != 1 else np.broadcast_to(images, (count, 3, height, width))


def _check_test(test: int | None) -> None:
    if test is not None and test < 1:
        raise ChallengeError(
            f"a run cannot be watched with {test} test pictures", "Ask for at least one."
        )
