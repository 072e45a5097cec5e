"""Makes iris.npz: 150 flowers of three species, four measures each."""

from pathlib import Path

import archive
import numpy as np
from sklearn.datasets import load_iris


def make(folder: Path) -> list[Path]:
    """Write iris.npz into the folder."""
    source = load_iris()
    path = folder / "iris.npz"
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
