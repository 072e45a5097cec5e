"""Makes SHA256SUMS: the checksum of every data file (check with `cd data && sha256sum -c`)."""

import hashlib
from pathlib import Path

import archive

PATTERNS = ("*.npz", "*/*.gz")


def make(folder: Path) -> list[Path]:
    """Write SHA256SUMS into the folder, for the data files in it."""
    files = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files
    ]
    target = folder / "SHA256SUMS"
    target.write_text("".join(lines))
    return [target]


if __name__ == "__main__":
    archive.run(make, __doc__)
