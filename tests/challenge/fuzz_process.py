"""Reads spoilt files one after another and says how each ended; started by test_fuzz.py.

    python fuzz_process.py FOLDER FIRST

A file must be scored or refused. Any other exception is our mistake. Whoever crashes this process
does so on purpose of the test: it is started again with the next file.
"""

import sys
from pathlib import Path

import numpy as np
from onnx_files import CHANNELS, CLASSES, SIZE

from autograder.challenge.errors import Refused
from autograder.challenge.predictions import read_predictions
from autograder.challenge.rules import Asked, check_model
from autograder.challenge.running import Runner
from autograder.wall import Limits, apply_limits

ASKED = Asked(channels=CHANNELS, size=SIZE, classes=CLASSES, memory_mb=512)
PICTURES = 20


def main(folder: Path, first: int) -> None:
    import onnx.shape_inference  # noqa: F401 - before the limits
    import onnxruntime  # noqa: F401

    apply_limits(Limits(seconds=120, memory_mb=2048), count_processes=False)
    batch = np.random.default_rng(0).integers(0, 256, (PICTURES, CHANNELS, SIZE, SIZE), np.uint8)
    for path in sorted(folder.iterdir())[first:]:
        content = path.read_bytes()
        print(path.name, end=" ", flush=True)
        try:
            if path.suffix == ".npz":
                found = read_predictions(content, PICTURES, CLASSES)
                assert found.shape == (PICTURES,)
                assert ((found >= 0) & (found < CLASSES)).all()
            else:
                scores = Runner(check_model(content, ASKED), ASKED).scores(
                    PICTURES, lambda _: batch
                )
                assert scores.shape == (PICTURES, CLASSES)
                assert np.isfinite(scores).all()
        except Refused as refused:
            problem = refused.problem
            fit = problem.strip() and len(problem) < 600 and problem.isprintable()
            print("refused" if fit else f"unfit:{problem!r}", flush=True)
        except MemoryError:
            print("memory", flush=True)
        else:
            print("scored", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
