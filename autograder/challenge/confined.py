"""Runs one submission behind the wall: a file goes in, validated numbers come out.

The wall is the one round students' processes (`autograder.engines.judge.confine`): a room of its
own with nothing in it but three libraries, no network, no other process, an allow-list of system
calls, and limits on memory and processor time that the kernel holds. This side holds the wall-clock
limit, and believes nothing that comes back: sizes are capped, numbers are looked at, words are
cleaned.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import autograder
from autograder.challenge.errors import Refused
from autograder.challenge.settings import ChallengeSettings
from autograder.engines.judge.channel import HELLO
from autograder.engines.judge.confine.packages import package_view
from autograder.engines.judge.engine import best_wall
from autograder.errors import CourseError
from autograder.pages import plain
from autograder.wall import Sandbox

PACKAGES = ("numpy", "onnx", "onnxruntime")
MODEL_MODULES = ("onnx", "onnx.checker", "onnx.defs", "onnx.shape_inference", "onnxruntime")
INSIDE = "autograder.challenge.inside"
CHANNELS = 3
START_SECONDS = 60.0  # for Python and the wall, beyond the submission's own time
MOST_WORDS = 64 * 1024  # bytes of an answer in words
MOST_SENTENCE = 400
_PREFIX = 8


@dataclass(frozen=True)
class Sealed:
    """A wall that is ready for submissions.

    Attributes:
        wall: which one.
        packages: a folder with the libraries that are needed there, and no others.
        read_only: what is shown behind it; the folder, and what it links to.
    """

    wall: str
    packages: Path
    read_only: tuple[Path, ...]


@contextmanager
def sealed(sandbox: Sandbox) -> Iterator[Sealed]:
    """Choose the wall and collect what stands behind it.

    Args:
        sandbox: "none" for limits only; else the best wall that this machine has.

    Yields:
        What `run_model` and `read_confined_predictions` need.

    Raises:
        CourseError: this machine has no wall.
    """
    wall = "none" if sandbox == "none" else _best_wall()
    with TemporaryDirectory() as folder:
        yield Sealed(wall, Path(folder), package_view(PACKAGES, Path(folder)).paths)


@cache
def _best_wall() -> str:
    return best_wall()


def run_model(
    room: Sealed, content: bytes, parts: Sequence[np.ndarray], settings: ChallengeSettings
) -> np.ndarray:
    """Let a model score pictures.

    Args:
        room: the wall.
        content: the file, not to be trusted.
        parts: the pictures, each (n, 3, size, size) uint8; N of them together.
        settings: sizes and limits.

    Returns:
        (N, classes) float32, finite.

    Raises:
        Refused: it breaks a rule or a limit; with a sentence.
        CourseError: the wall cannot be built.
    """
    number = sum(len(part) for part in parts)
    asked = {
        "channels": CHANNELS,
        "size": settings.size,
        "classes": settings.classes,
        "memory_mb": settings.memory_mb,
    }
    job = {"kind": "model", "bytes": len(content), "pictures": number, "asked": asked}
    with _Process(room, settings, MODEL_MODULES) as process:
        process.send_job(job, content)
        if process.receive_words().get("ready") is not True:
            raise _broken()
        for part in parts:
            process.send(np.ascontiguousarray(part, np.uint8).data.cast("B"))
        scores = process.receive_array((number, settings.classes), np.dtype(np.float32))
    if not np.isfinite(scores).all():
        raise _broken()
    return scores


def read_confined_predictions(
    room: Sealed, content: bytes, pictures: int, settings: ChallengeSettings
) -> np.ndarray:
    """Read a file of predicted classes.

    Args:
        room: the wall.
        content: the file, not to be trusted.
        pictures: how many there are.
        settings: sizes and limits.

    Returns:
        (pictures,) int64, each a class.

    Raises:
        Refused: it is something else; with a sentence.
        CourseError: the wall cannot be built.
    """
    job = {
        "kind": "predictions",
        "bytes": len(content),
        "pictures": pictures,
        "classes": settings.classes,
    }
    with _Process(room, settings, ()) as process:
        process.send_job(job, content)
        labels = process.receive_array((pictures,), np.dtype(np.int64))
    if pictures and not 0 <= int(labels.min()) <= int(labels.max()) < settings.classes:
        raise _broken()
    return labels


def _broken() -> Refused:
    return Refused(
        "The run of the file gave an answer that makes no sense.",
        "Export the model again with helpers.challenge.export.",
    )


class _Process:
    """The process behind the wall, for one job; it is gone at the end."""

    def __init__(self, room: Sealed, settings: ChallengeSettings, modules: Sequence[str]) -> None:
        self._settings = settings
        self._deadline = time.monotonic() + settings.seconds + START_SECONDS
        self._connection, theirs = socket.socketpair()
        said = {
            "wall": room.wall,
            "packages": str(room.packages),
            "modules": list(modules),
            "read_only": [str(path) for path in room.read_only],
            "limits": {
                "seconds": settings.processor_seconds,
                "memory_mb": settings.memory_mb,
                "processes": 16,
            },
        }
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", INSIDE, json.dumps(said), str(theirs.fileno())],
                env={
                    "PATH": os.environ.get("PATH", ""),
                    "PYTHONPATH": str(Path(autograder.__file__).parents[1]),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                    "LANG": "C.UTF-8",
                },
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, *about: Any) -> None:
        self._connection.close()  # the guard inside kills what is left, and ends
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._process.kill()
        self._process.wait()

    def send_job(self, job: dict[str, Any], content: bytes) -> None:
        """Wait until the wall stands; then send the job and the file."""
        hello = self._receive(1)
        if hello != HELLO:
            reason = self._rest()
            raise CourseError(
                f"The wall round the model could not be built ({plain(reason, 200)}).",
                "`course doctor` says what is missing.",
            )
        data = json.dumps(job).encode()
        self.send(len(data).to_bytes(_PREFIX, "little") + data)
        self.send(content)

    def send(self, data: bytes | memoryview) -> None:
        """Send bytes; who has ended is asked for its last words when they are received."""
        try:
            self._connection.settimeout(self._left())
            self._connection.sendall(data)
        except TimeoutError:
            raise self._too_slow() from None
        except ConnectionError:
            pass

    def receive_words(self) -> dict[str, Any]:
        """Receive an answer in words; a refusal is raised.

        Raises:
            Refused: the submission breaks a rule or a limit, or what comes makes no sense.
        """
        length = int.from_bytes(self._receive(_PREFIX), "little")
        if length > MOST_WORDS:
            raise _broken()
        try:
            said = json.loads(self._receive(length))
        except (ValueError, RecursionError):
            raise _broken() from None
        if not isinstance(said, dict):
            raise _broken()
        if said.get("memory") is True:
            raise self._too_large()
        if "problem" in said:
            problem, cure = (
                plain(str(said.get(part, "")), MOST_SENTENCE).replace("\n", " ")
                for part in ("problem", "cure")
            )
            raise Refused(problem, cure)
        return said

    def receive_array(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Receive numbers of the shape and type that are due, and of no other."""
        said = self.receive_words()
        if said.get("shape") != list(shape) or said.get("dtype") != dtype.name:
            raise _broken()
        data = self._receive(int(np.prod(shape)) * dtype.itemsize)
        return np.frombuffer(data, dtype).reshape(shape)

    def _receive(self, length: int) -> bytes:
        data = bytearray()
        try:
            while len(data) < length:
                self._connection.settimeout(self._left())
                piece = self._connection.recv(min(2**20, length - len(data)))
                if not piece:
                    raise self._ended()
                data += piece
        except TimeoutError:
            raise self._too_slow() from None
        except ConnectionError:
            raise self._ended() from None
        return bytes(data)

    def _rest(self) -> str:
        with contextlib.suppress(OSError):
            self._connection.settimeout(5)
            return self._connection.recv(500).decode("utf-8", "replace")
        return ""

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._too_slow()
        return left

    def _too_slow(self) -> Refused:
        return Refused(
            f"The model took longer than {self._settings.seconds} s for the hidden pictures.",
            "Make the network smaller.",
        )

    def _too_large(self) -> Refused:
        return Refused(
            f"The model needs more than the {self._settings.memory_mb} MiB of memory that it may "
            "use.",
            "Make the network smaller.",
        )

    def _ended(self) -> Refused:
        """Say why the process ended before it answered: by its exit code, as a shell has it."""
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            return self._too_slow()
        signal = code - 128 if code > 128 else -code
        if signal in (9, 24):  # what the kernel sends at the limit
            return Refused(
                f"The model took more than {self._settings.processor_seconds} s of processor time "
                "for the hidden pictures.",
                "Make the network smaller.",
            )
        if signal == 6:  # a library gave up, as a rule since it got no memory
            return self._too_large()
        return Refused(
            "The model made the program that runs it crash.",
            "Export it again with helpers.challenge.export.",
        )
