"""Writes .npz archives that have the same bytes whenever and wherever they are made."""

import argparse
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can hold


def write_npz(path: Path, arrays: Mapping[str, np.ndarray], *, compress: bool = False) -> None:
    """Write arrays in the given order, each with a fixed time stamp and fixed permissions.

    Args:
        path: the file to write.
        arrays: name -> array of plain numbers or strings (no objects, so nothing is pickled).
        compress: deflate the members. The bytes then depend on the machine's zlib, so small
            files are stored as they are.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(member, buffer.getvalue(), compresslevel=9)


def run(make: Callable[[Path], list[Path]], description: str | None) -> None:
    """Run a maker from the command line: `python data/make/NAME.py [--to FOLDER]`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--to", type=Path, default=DATA, help="folder to write to (default: data/)")
    for path in make(parser.parse_args().to):
        print(f"{path}: {path.stat().st_size:,} bytes")
