"""The sizes in which the flora comes, and its pictures in the order in which they are stored.

    sources = tier_sources(TIERS["small"])            # {"train": …, "test": …}
    images, labels = sources["test"].pictures(0, 100)

The seeds here are public: these are pictures to train on and to choose between models with. Their
"test" pictures are nobody's hidden test.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from helpers.challenge.flora import draw
from helpers.challenge.species import CLASS_SEED, make_species

TRAIN_SEED, TEST_SEED = 1, 2


@dataclass(frozen=True)
class Tier:
    """A size of the challenge.

    Args:
        name: what it is called.
        classes: how many; always the first ones.
        per_class: training pictures of each class.
        test_per_class: test pictures of each class.
        size: side of a picture in pixels.
    """

    name: str
    classes: int
    per_class: int
    test_per_class: int
    size: int = 64


TIERS: Mapping[str, Tier] = {
    tier.name: tier
    for tier in (
        Tier("small", 20, 500, 100),
        Tier("medium", 100, 1000, 100),
        Tier("large", 1000, 1000, 50),
    )
}
"""Small is for a laptop, medium for an evening, large for a GPU."""


@dataclass(frozen=True)
class FloraSource:
    """Pictures of the flora in a fixed, shuffled order.

    Args:
        classes: how many classes, the first ones.
        per_class: pictures of each.
        seed: of the pictures and their order.
        size: side of a picture in pixels.
        difficulty: "E", "M" or "H".
        class_seed: the seed of the family of classes.
    """

    classes: int
    per_class: int
    seed: int
    size: int = 64
    difficulty: str = "M"
    class_seed: int = field(default=CLASS_SEED)

    def __len__(self) -> int:
        """Count the pictures."""
        return self.classes * self.per_class

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of each picture."""
        return 3, self.size, self.size

    def describe(self) -> dict[str, Any]:
        """Say all that the pictures depend on."""
        return {"source": "flora", **asdict(self)}

    def pictures(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw a part of the set.

        Args:
            first: number of the first picture, a multiple of 32.
            last: number of the picture after the last one.

        Returns:
            The pictures, (n, 3, size, size) uint8, and their labels, (n,) int64.
        """
        labels = _shuffled(self.classes, self.per_class, self.seed)[first:last]
        images = draw(
            _family(self.classes, self.class_seed),
            torch.tensor(labels),
            seed=self.seed,
            size=self.size,
            difficulty=self.difficulty,
            first=first,
        )
        return images.numpy(), labels


def tier_sources(tier: Tier) -> dict[str, FloraSource]:
    """Give the training and the test pictures of a tier.

    Args:
        tier: one of `TIERS`, or another.

    Returns:
        "train" and "test".
    """
    return {
        "train": FloraSource(tier.classes, tier.per_class, TRAIN_SEED, tier.size),
        "test": FloraSource(tier.classes, tier.test_per_class, TEST_SEED, tier.size),
    }


@lru_cache(maxsize=4)
def _shuffled(classes: int, per_class: int, seed: int) -> np.ndarray:
    labels = np.repeat(np.arange(classes), per_class)
    np.random.default_rng((seed, classes, per_class)).shuffle(labels)
    labels.flags.writeable = False
    return labels


@lru_cache(maxsize=4)
def _family(classes: int, class_seed: int) -> Tensor:
    return make_species(range(classes), class_seed=class_seed)
