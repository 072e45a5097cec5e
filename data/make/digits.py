"""Makes digits.npz: 1797 hand-written digits of 8 × 8, with the course's fixed split."""

from pathlib import Path

import archive
import numpy as np
from sklearn.datasets import load_digits

TEST_SHARE = 0.2


def stratified_split(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the rest and of the drawn share of every class, each in ascending order."""
    generator = np.random.default_rng(seed)
    drawn = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        drawn[generator.permutation(members)[: round(share * len(members))]] = True
    return np.flatnonzero(~drawn), np.flatnonzero(drawn)


def make(folder: Path) -> list[Path]:
    """Write digits.npz into the folder."""
    source = load_digits()
    train_index, test_index = stratified_split(source.target, TEST_SHARE, seed=0)
    path = folder / "digits.npz"
    arrays = {
        "images": source.images.astype(np.uint8),
        "labels": source.target.astype(np.uint8),
        "train_index": train_index.astype(np.int16),
        "test_index": test_index.astype(np.int16),
    }
    archive.write_npz(path, arrays)
    return [path]


if __name__ == "__main__":
    archive.run(make, __doc__)
