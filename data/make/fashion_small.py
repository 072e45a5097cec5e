"""Makes fashion_small28.npz and fashion_small14.npz: one sixth of Fashion-MNIST.

Of each class 1,000 training and 200 test pictures are drawn, in an order that is shuffled once.
In the form 14 × 14 each pixel is the rounded mean of 2 × 2 pixels. Reads data/fashion_mnist/.
"""

import sys
from pathlib import Path

import archive
import numpy as np

sys.path.insert(0, str(archive.DATA.parent))

from helpers import datasets


def draw(labels: np.ndarray, each: int, generator: np.random.Generator) -> np.ndarray:
    """Indices of as many pictures of every class, in a random order."""
    chosen = [
        generator.permutation(np.flatnonzero(labels == label))[:each] for label in np.unique(labels)
    ]
    return generator.permutation(np.concatenate(chosen))


def halved(images: np.ndarray) -> np.ndarray:
    """(N, 28, 28) uint8 to (N, 14, 14) uint8: rounded means of blocks of 2 × 2."""
    blocks = images.reshape(len(images), 14, 2, 14, 2).astype(np.int64)
    return ((blocks.sum(axis=(2, 4)) + 2) // 4).astype(np.uint8)


def make(folder: Path) -> list[Path]:
    """Write both files into the folder."""
    full = datasets.fashion_mnist("full")
    generator = np.random.default_rng(2017)
    train = draw(full.train_labels, 1000, generator)
    test = draw(full.test_labels, 200, generator)
    paths = []
    for form, shrink in (("small28", np.copy), ("small14", halved)):
        arrays = {
            "train_images": shrink(full.train_images[train]),
            "train_labels": full.train_labels[train].astype(np.uint8),
            "test_images": shrink(full.test_images[test]),
            "test_labels": full.test_labels[test].astype(np.uint8),
            "train_index": train.astype(np.int32),
            "test_index": test.astype(np.int32),
        }
        path = folder / f"fashion_{form}.npz"
        archive.write_npz(path, arrays, compress=True)
        paths.append(path)
    return paths


if __name__ == "__main__":
    archive.run(make, __doc__)
