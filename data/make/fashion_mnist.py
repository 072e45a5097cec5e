"""Fetches Fashion-MNIST's four original files from the Debian package dataset-fashion-mnist.

The package is unpacked into a temporary folder and not installed. Needs apt-get and dpkg (Debian
or Ubuntu) and a package mirror; elsewhere, take the four files from the authors' own pages.
"""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import archive

PACKAGE = "dataset-fashion-mnist"
SHA256 = {
    "t10k-images-idx3-ubyte.gz": (
        "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"
    ),
    "train-images-idx3-ubyte.gz": (
        "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"
    ),
    "train-labels-idx1-ubyte.gz": (
        "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"
    ),
}


def make(folder: Path) -> list[Path]:
    """Write the four files into the folder's subfolder fashion_mnist."""
    target = folder / "fashion_mnist"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["apt-get", "download", PACKAGE], cwd=scratch, check=True)
        (package,) = Path(scratch).glob("*.deb")
        subprocess.run(["dpkg", "-x", package, "tree"], cwd=scratch, check=True)
        source = Path(scratch) / "tree" / "usr" / "share" / "datasets" / "fashion-mnist"
        for name, expected in SHA256.items():
            if hashlib.sha256((source / name).read_bytes()).hexdigest() != expected:
                raise SystemExit(
                    f"{name} in the package is not the file that the course was made with"
                )
            shutil.copyfile(source / name, target / name)
    return [target / name for name in SHA256]


if __name__ == "__main__":
    archive.run(make, __doc__)
