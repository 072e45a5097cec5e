"""Times week 5's three convolutions and torch's: the figures that the lesson calls recorded.

    python benchmarks/week05_convolution.py            # a table, in milliseconds
    python benchmarks/week05_convolution.py --json F   # the same facts into a file, for machines

4 pictures, 16 channels to 16, a kernel of 3 × 3, float32, pictures of growing size. The answers are
taken from the lesson's source. The versions take turns, so that a busy machine disturbs all alike;
the shortest time of each counts. Set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1 for one thread.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recording import write_facts

from autograder.course import load_course
from autograder.lesson import read_lesson

SIZES = (8, 16, 32, 64)
NAMES = ("conv2d_naive", "conv2d", "conv2d_taps")
TURNS = 9
TURNS_OF_LOOPS = 3
ALLOWED = 1e-3

Version = Callable[[np.ndarray, np.ndarray], np.ndarray]


def answers() -> dict[str, Version]:
    """Take the three functions, and what they call, from the lesson's source."""
    course = load_course(Path(__file__).resolve().parent.parent)
    week = course.week("week05")
    lesson = read_lesson(week.source(course), week)
    names: dict[str, Any] = {}
    for cell in lesson.cells:
        if cell.role == "answer" or (cell.role == "given" and "def pair" in cell.source):
            exec(compile(cell.source, cell.label, "exec"), names)
    return {name: names[name] for name in NAMES}


def by_torch(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The same by torch, on the same arrays."""
    return torch.conv2d(torch.from_numpy(x), torch.from_numpy(weight)).numpy()


def measure() -> dict[str, list[float]]:
    """Time every version at every size.

    Returns:
        Name -> milliseconds, one number a size.

    Raises:
        SystemExit: two versions disagree.
    """
    versions = {**answers(), f"PyTorch {torch.__version__.partition('+')[0]}": by_torch}
    draw = np.random.default_rng(9)
    weight = draw.normal(size=(16, 16, 3, 3)).astype(np.float32)
    shortest: dict[str, list[float]] = {name: [] for name in versions}
    for size in SIZES:
        x = draw.normal(size=(4, 16, size, size)).astype(np.float32)
        expected = by_torch(x, weight)
        times: dict[str, list[float]] = {name: [] for name in versions}
        for turn in range(TURNS):
            for name, version in versions.items():
                if name == NAMES[0] and turn >= TURNS_OF_LOOPS:
                    continue
                began = time.perf_counter()
                result = version(x, weight)
                times[name].append(1e3 * (time.perf_counter() - began))
                if np.abs(result - expected).max() > ALLOWED:
                    raise SystemExit(f"{name} disagrees with torch at {size} × {size}")
        for name, row in times.items():
            shortest[name].append(min(row))
    return shortest


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures into this file")
    path = parser.parse_args().json
    measured = measure()
    print(f"{'ms at':14}" + "".join(f"{f'{size} × {size}':>12}" for size in SIZES))
    for name, row in measured.items():
        print(f"{name:14}" + "".join(f"{value:12.3f}" for value in row))
    write_facts(path, {"sizes": SIZES, "milliseconds": measured})


if __name__ == "__main__":
    main()
