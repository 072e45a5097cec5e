"""What tests in all folders use. It lies here, so that the course's folder is on their path."""

import contextlib
import os
import time
from collections.abc import Callable

import psutil
import pytest

# One thread each, as `make unit` says: a fork of a process with threads in torch can hang.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
os.environ.pop("COURSE_GRADEBOOK", None)  # no test writes into a gradebook of real students
KEPT = "multiprocessing.resource_tracker"  # Python's own: once started, it lives until Python ends
PATIENCE = 20.0  # seconds; a process that was killed may take a moment to go


def _left_running() -> list[str]:
    end = time.monotonic() + PATIENCE
    while True:
        found = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # gone meanwhile
                command = " ".join(process.cmdline())
                if KEPT not in command:
                    found.append(f"{process.pid} ({process.status()}): {command}")
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.1)


@pytest.fixture
def left_running() -> Callable[[], list[str]]:
    """Give a function that lists the processes below this one, once those that are ending have."""
    return _left_running
