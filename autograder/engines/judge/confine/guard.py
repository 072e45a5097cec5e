"""The process outside the wall that waits for the one inside: it ends with it, and it with it."""

import os
import select
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from autograder.engines.judge.confine import kernel

READY = b"ready"
LOOK_EVERY = 200  # milliseconds between two looks at what the scratch folder holds
MOST_FILES = 4096


def await_ready(child: int, report: int) -> None:
    """Wait until the process inside is behind its wall.

    From now on a SIGINT is passed on to it, and a SIGTERM kills it.

    Args:
        child: that process.
        report: where it says so, or says why not.

    Raises:
        ConfinementError: it could not be built; the process is gone.
    """
    signal.signal(signal.SIGINT, lambda *_: _send(child, signal.SIGINT))
    signal.signal(signal.SIGTERM, lambda *_: _send(child, signal.SIGKILL))
    said = b""
    while piece := os.read(report, 4096):
        said += piece
    os.close(report)
    if said == READY:
        return
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise kernel.ConfinementError(said.decode("utf-8", "replace") or "the process ended early")


def guard(child: int, connection: int, scratch: Path | None, scratch_mb: int) -> NoReturn:
    """Stay until the process inside ends; end it when nobody listens to it any more.

    Then the scratch folder is removed, and this process ends as the other one did (128 and the
    signal, as a shell has it).

    Args:
        child: the process inside.
        connection: its connection.
        scratch: its folder on disk, which is to be watched and removed; None where it is in
            memory and vanishes by itself.
        scratch_mb: how much that folder may hold.
    """
    ended = os.pidfd_open(child)
    kernel.close_all_but(connection, ended)
    watch = select.poll()
    watch.register(ended, select.POLLIN)
    watch.register(connection, select.POLLRDHUP)  # and POLLHUP, which needs no asking
    while True:
        events = dict(watch.poll(None if scratch is None else LOOK_EVERY))
        if ended in events:
            break
        if connection in events:
            watch.unregister(connection)
            _send(child, signal.SIGKILL)
        if scratch is not None and not _within(scratch, scratch_mb * 2**20):
            _send(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _send(child: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)


def _within(folder: Path, most_bytes: int) -> bool:
    """Tell whether a folder holds no more than it may."""
    size = number = 0
    for place, folders, files in os.walk(folder):
        number += len(folders) + len(files)
        for name in files:
            with suppress(OSError):
                size += os.lstat(os.path.join(place, name)).st_blocks * 512
        if size > most_bytes or number > MOST_FILES:
            return False
    return True
