"""A ceiling on how many processes may exist at once, held by the kernel (control groups).

The kernel's limit on a user's processes does not hold for root, and a look from outside five times
a second comes too late for a program that doubles itself in a millisecond. Where this process may
make a control group (root, as a rule), one with a ceiling is made for each run.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TREE = Path("/sys/fs/cgroup")
TASKS_A_PROCESS = 8  # the kernel counts threads, and a Jupyter kernel has about ten
ENTER = 'echo 0 > "$0" && exec "$@"'


class ProcessGroup:
    """A control group with a ceiling.

    Args:
        folder: its folder; None where none could be made, and nothing is limited.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def enter(self, command: Sequence[str]) -> list[str]:
        """Give the command line that runs a command, and all that it starts, in the group."""
        if self.folder is None:
            return list(command)
        return ["/bin/sh", "-c", ENTER, str(self.folder / "cgroup.procs"), *command]

    def refused(self) -> bool:
        """Tell whether a process could not be started since there were too many."""
        if self.folder is None:
            return False
        words = (self.folder / "pids.events").read_text(encoding="ascii").split()
        return int(words[words.index("max") + 1]) > 0


@contextmanager
def limited_processes(most: int) -> Iterator[ProcessGroup]:
    """Make a group in which only so many processes may be, and remove it afterwards.

    Args:
        most: how many processes, with a handful of threads each.

    Yields:
        The group; without a ceiling where this process may not make one.
    """
    folder = _make(most * TASKS_A_PROCESS)
    try:
        yield ProcessGroup(folder)
    finally:
        if folder is not None:
            _remove(folder)


def _make(tasks: int) -> Path | None:
    for place in _places():
        folder = place / f"course-{secrets.token_hex(8)}"
        with suppress(OSError):
            folder.mkdir()
            with suppress(OSError), open(folder / "pids.max", "r+", encoding="ascii") as ceiling:
                ceiling.write(str(tasks))
                return folder
            folder.rmdir()
    return None


def _places() -> Iterator[Path]:
    """List where a group might be made: below this process's own, version 1 and version 2."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            if "pids" in controllers.split(","):
                yield TREE / "pids" / path.lstrip("/")
            elif not controllers:
                yield TREE / path.lstrip("/")
                yield TREE


def _remove(folder: Path) -> None:
    """Remove the group; the kernel needs a moment to bury what was killed in it."""
    for _ in range(50):
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.02)
        else:
            return
