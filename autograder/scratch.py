"""Temporary folders that a killed run cannot leave lying about for long.

Each carries in its name the machine and the process that made it; the next run removes those
whose process is no more. What holds hidden tests or solutions is made below the course's
`private` folder, the rest among the system's temporary files; both for this user alone.
"""

import contextlib
import errno
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "scratch"
_PREFIX = "course"
_NAME = re.compile(rf"{_PREFIX}-[a-z]+-(?P<host>[^@]*)@(?P<pid>\d+)@(?P<start>\d+)-[^@]+")


def make_private(folder: Path) -> Path:
    """Make a folder and those on the way to it that are not there yet, all for this user alone.

    Args:
        folder: what is made; left as it is where it is there.

    Returns:
        The folder.
    """
    for each in reversed([folder, *folder.parents]):
        with contextlib.suppress(FileExistsError):
            if not each.is_dir():
                each.mkdir(mode=0o700)
    if not folder.is_dir():  # something else of that name
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    return folder


def make_scratch(kind: str, parent: Path | None = None) -> Path:
    """Make a temporary folder, mode 700.

    Args:
        kind: what it is for, in letters.
        parent: the folder that it is made in; that of temporary files unless given.

    Returns:
        The folder; who asked for it removes it.
    """
    if parent is not None:
        make_private(parent)
    pid = os.getpid()
    prefix = f"{_PREFIX}-{kind}-{_host()}@{pid}@{_start_of(pid) or 0}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))


@contextmanager
def scratch(kind: str, parent: Path | None = None) -> Iterator[Path]:
    """Give a temporary folder that is removed at the end; see `make_scratch`."""
    folder = make_scratch(kind, parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def secret_scratch(private: Path) -> Path:
    """Say where folders with hidden tests and solutions are made.

    Args:
        private: the course's private folder.

    Returns:
        A folder in it, which is made with the first one there.
    """
    return make_private(private) / FOLDER


def sweep(private: Path) -> list[Path]:
    """Remove what runs of this user on this machine left when they were killed.

    Args:
        private: the course's private folder.

    Returns:
        The folders that were there.
    """
    found = []
    for parent in (private / FOLDER, Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            found += [path for path in parent.glob(f"{_PREFIX}-*@*") if _is_left_over(path)]
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return found


def _is_left_over(path: Path) -> bool:
    name = _NAME.fullmatch(path.name)
    if name is None or name["host"] != _host():
        return False
    with contextlib.suppress(OSError):
        about = path.lstat()
        ours = os.geteuid() in (0, about.st_uid) and path.is_dir() and not path.is_symlink()
        return ours and _start_of(int(name["pid"])) != int(name["start"])
    return False


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())[:60]


def _start_of(pid: int) -> int | None:
    """Tell when a process started, in the kernel's ticks, so that a number used anew is seen."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except FileNotFoundError:
        return None if os.path.isdir("/proc/self") else 0
    except (OSError, ValueError):
        return 0
