"""Makes breast_cancer.npz: 569 tumours, 30 measures each, malignant or benign."""

from pathlib import Path

import archive
import numpy as np
from sklearn.datasets import load_breast_cancer


def make(folder: Path) -> list[Path]:
    """Write breast_cancer.npz into the folder."""
    source = load_breast_cancer()
    path = folder / "breast_cancer.npz"
    arrays = {
        "features": source.data.astype("<f8"),
        "labels": source.target.astype(np.uint8),
        "names": np.array([str(name) for name in source.target_names]),
        "feature_names": np.array([str(name) for name in source.feature_names]),
    }
    archive.write_npz(path, arrays)
    return [path]


if __name__ == "__main__":
    archive.run(make, __doc__)
