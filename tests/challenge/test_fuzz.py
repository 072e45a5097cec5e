"""Some hundred spoilt files: each is refused or scored, in a bounded time."""

import io
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from onnx import helper
from onnx_files import CLASSES, blown_up, model, network, tensor

ROOT = Path(__file__).resolve().parents[2]
MODELS, PREDICTIONS = 300, 300
MOST_SECONDS = 240
MOST_CRASHES = 5


def convolutional() -> bytes:
    """Make a model with more kinds of operators in it than the linear one has."""
    nodes = [
        helper.make_node("Conv", ["pictures", "kernel", "bias"], ["h0"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["h0"], ["h1"]),
        helper.make_node("MaxPool", ["h1"], ["h2"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["h2"], ["h3"]),
        helper.make_node("Flatten", ["h3"], ["h4"]),
        helper.make_node("Gemm", ["h4", "V"], ["more"], transB=1),
        *network(last="plain"),
        helper.make_node("Add", ["plain", "more"], ["scores"]),
    ]
    generator = np.random.default_rng(0)
    constants = [
        tensor("kernel", generator.normal(size=(4, 3, 3, 3))),
        tensor("bias", generator.normal(size=4)),
        tensor("V", generator.normal(size=(CLASSES, 4))),
    ]
    return model(nodes, constants=constants).SerializeToString()


def spoilt(content: bytes, generator: random.Random) -> bytes:
    """Change a file: bits, bytes, lengths, pieces out of place."""
    data = bytearray(content)
    for _ in range(generator.choice([1, 1, 2, 4, 16])):
        place = generator.randrange(len(data))
        match generator.randrange(6):
            case 0:
                data[place] ^= 1 << generator.randrange(8)
            case 1:
                data[place] = generator.randrange(256)
            case 2:
                data[place] = generator.choice([0, 1, 0x7F, 0x80, 0xFF])
            case 3:
                del data[place : place + generator.randrange(1, 9)]
            case 4:
                other = generator.randrange(len(data))
                data[place:place] = data[other : other + generator.randrange(1, 33)]
            case 5:
                data[place:place] = generator.randbytes(generator.randrange(1, 9))
        if not data:
            break
    return bytes(data)


def fuzz(folder: Path) -> tuple[Counter[str], list[str]]:
    """Let a process read all files, and start it again after one that made it crash."""
    files = sorted(path.name for path in folder.iterdir())
    ended: Counter[str] = Counter()
    crashed: list[str] = []
    first, deadline = 0, time.monotonic() + MOST_SECONDS
    while first < len(files):
        run = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("fuzz_process.py")), folder, str(first)],
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=max(1, deadline - time.monotonic()),
            check=False,
        )
        lines = [line.split(maxsplit=1) for line in run.stdout.splitlines()]
        ended.update(line[1] for line in lines if len(line) == 2)
        assert set(ended) <= {"refused", "scored", "memory"}, ended
        assert run.returncode <= 0, f"{files[first + len(lines) - 1]}: {run.stderr[-2000:]}"
        if run.returncode < 0:  # a signal: a library crashed, as it may behind the wall
            crashed.append(lines[-1][0])
            assert len(crashed) <= MOST_CRASHES, crashed
        first += len(lines)
    return ended, crashed


def models() -> Iterator[bytes]:
    yield convolutional()
    yield model().SerializeToString()
    yield blown_up("Expand", 100).SerializeToString()


@pytest.mark.slow
def test_spoilt_models(tmp_path):
    generator = random.Random(5)
    honest = list(models())
    for number in range(MODELS):
        content = spoilt(honest[number % len(honest)], generator)
        (tmp_path / f"{number:04}.onnx").write_bytes(content)
    ended, crashed = fuzz(tmp_path)
    assert sum(ended.values()) + len(crashed) == MODELS
    assert ended["refused"] > MODELS / 2
    assert ended["scored"] > 0  # a changed weight is no mistake


def test_models_that_were_not_spoilt_are_scored(tmp_path):
    for number, content in enumerate(models()):
        (tmp_path / f"{number}.onnx").write_bytes(content)
    assert fuzz(tmp_path) == (Counter(scored=3), [])


def test_spoilt_predictions(tmp_path):
    generator = random.Random(6)
    for number in range(PREDICTIONS):
        buffer = io.BytesIO()
        save = np.savez_compressed if number % 2 else np.savez
        save(buffer, predictions=np.arange(20, dtype=np.int32) % CLASSES)
        (tmp_path / f"{number:04}.npz").write_bytes(spoilt(buffer.getvalue(), generator))
    ended, crashed = fuzz(tmp_path)
    assert sum(ended.values()) == PREDICTIONS
    assert not crashed
    assert ended["refused"] > PREDICTIONS / 2
