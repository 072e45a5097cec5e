"""Makes pictures.npz: free photographs from scikit-learn and scikit-image, 256 pixels at most.

Every picture is shrunk by a whole factor, each new pixel the rounded mean of a block of old
ones: integer arithmetic, so the result does not depend on the machine.
"""

from pathlib import Path

import archive
import numpy as np
import skimage.data
from sklearn.datasets import load_sample_image

FACTORS = {
    "astronaut": 2,
    "cat": 2,
    "china": 3,
    "coffee": 3,
    "flower": 3,
    "hubble": 4,
    "rocket": 3,
}


def block_mean(picture: np.ndarray, factor: int) -> np.ndarray:
    """Shrink an (H, W, 3) uint8 picture by a whole factor; leftover rows and columns are cut."""
    height, width = (size // factor for size in picture.shape[:2])
    whole = picture[: height * factor, : width * factor].astype(np.int64)
    blocks = whole.reshape(height, factor, width, factor, 3)
    area = factor * factor
    return ((blocks.sum(axis=(1, 3)) + area // 2) // area).astype(np.uint8)


def original(name: str) -> np.ndarray:
    """The picture in full size, (H, W, 3) uint8."""
    if name in ("china", "flower"):
        return load_sample_image(f"{name}.jpg")
    return getattr(skimage.data, {"hubble": "hubble_deep_field"}.get(name, name))()


def make(folder: Path) -> list[Path]:
    """Write pictures.npz into the folder."""
    path = folder / "pictures.npz"
    arrays = {name: block_mean(original(name), factor) for name, factor in FACTORS.items()}
    archive.write_npz(path, arrays)
    return [path]


if __name__ == "__main__":
    archive.run(make, __doc__)
