"""The wall round a student's process: built by the process itself, once it has been forked.

`confine` is called in a freshly forked child of a warm process, before any code of a student's is
there, and returns behind the wall. There is no network, no other process, no privilege; only
Python and what was named can be read, only one small folder written to; it cannot start a process.
"""

import os
import signal
import socket
import stat
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from autograder.engines.judge.confine import guard, kernel, landlock, namespaces, seccomp
from autograder.engines.judge.confine.kernel import ConfinementError
from autograder.engines.judge.confine.limits import Limits, apply_limits, plan_limits
from autograder.scratch import make_scratch

__all__ = [
    "WALLS",
    "ConfinementError",
    "Limits",
    "available_walls",
    "confine",
    "prepare",
    "system_paths",
]

Wall = Literal["namespaces", "landlock", "none"]
WALLS: tuple[Wall, ...] = ("namespaces", "landlock")
"""From the stronger to the weaker."""

SYSTEM = (
    *("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64"),
    *(
        "/usr/share/fonts",
        "/usr/share/zoneinfo",
        "/etc/ld.so.cache",
        "/etc/fonts",
        "/etc/localtime",
    ),
)
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
_BUILT = b"built"


def system_paths() -> list[Path]:
    """List what every confined process can read: shared libraries, fonts, Python itself."""
    python = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    libraries = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib")
    python += [str(path) for path in libraries.glob("libpython*")]
    return [Path(path) for path in dict.fromkeys((*SYSTEM, *python))]


def package_folders() -> list[Path]:
    """List the folders below `system_paths()` that hold packages: those are covered."""
    found = {
        Path(os.path.realpath(place))
        for folder in system_paths()
        for pattern in ("python3*/site-packages", "python3*/dist-packages", "site-packages")
        for place in folder.glob(pattern)
    }
    return sorted(found)


@dataclass(frozen=True)
class View:
    """What can be seen from behind a wall, worked out beforehand.

    Attributes:
        room: for namespaces.
        places: for Landlock.
        closed: whether root must keep the privilege to read, where all share a file system.
    """

    room: namespaces.Room = namespaces.EMPTY
    places: tuple[Path, ...] = ()
    closed: bool = False


@cache
def prepare(wall: Wall, read_only: tuple[Path, ...]) -> View:
    """Work out what a wall shows; once in the warm process, so that its children need not.

    Args:
        wall: which one.
        read_only: as for `confine`.

    Returns:
        What `confine` will look up with the same arguments.
    """
    shown = [*system_paths(), *(Path(path).absolute() for path in read_only)]
    if wall == "namespaces":
        devices = [Path(device) for device in namespaces.DEVICES]
        return View(room=namespaces.plan_room([*shown, *devices], package_folders()))
    if wall == "landlock":
        places = landlock.plan_places(shown, package_folders())
        return View(places=tuple(places), closed=_has_closed_folders(shown))
    return View()


def confine(
    wall: Wall,
    keep_fd: int,
    read_only: Sequence[Path],
    files: dict[str, bytes],
    limits: Limits,
) -> None:
    """Put this process behind a wall, or fail.

    The process forks: the new one returns from here, confined, in its scratch folder, with all
    descriptors closed but one. The calling one stays outside, waits for it and ends as it ends;
    SIGINT reaches it through that one, and both end with the caller's parent, or when the other
    end of the descriptor is closed. One thread only may run in the caller.

    Args:
        wall: which one; "none" for limits and a scratch folder only.
        keep_fd: the descriptor that stays open, a socket.
        read_only: what can be read besides `system_paths()`.
        files: what is put into the scratch folder, by relative path.
        limits: what may be used.

    Raises:
        ConfinementError: the wall could not be built, and no confined process is left; the
            caller's process should end.
    """
    if os.getsid(0) != os.getpid():
        os.setsid()  # a signal to the whole group reaches no one outside
    kernel.die_with_parent(signal.SIGKILL)
    view = prepare(wall, tuple(read_only))
    report, speak = os.pipe()
    scratch: Path | None = None
    user: int | None = None
    try:
        if wall == "namespaces":
            user = namespaces.leave()
        else:
            scratch = make_scratch("scratch")
            if wall == "landlock" and os.geteuid() == 0:
                user = namespaces.spare_user()
        child = os.fork()
    except OSError as error:
        raise ConfinementError(f"{error}") from None
    if child:
        os.close(speak)
        guard.await_ready(child, report)
        guard.guard(child, keep_fd, scratch, limits.scratch_mb)
    os.close(report)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell had it ignored
    try:
        _shed(keep_fd, speak)
        _enter(wall, view, files, limits, scratch, user)
        if wall != "none":
            seccomp.install_filter()
        os.write(speak, guard.READY)  # fails where the parent is gone already
        os.close(speak)
    except BaseException as error:
        os.write(speak, (str(error) or type(error).__name__).encode()[:4000])
        os._exit(1)


def _enter(
    wall: Wall,
    view: View,
    files: dict[str, bytes],
    limits: Limits,
    scratch: Path | None,
    user: int | None,
) -> None:
    """Shut everything of the system's out; the process's own things are `_shed`'s."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    kernel.die_with_parent(signal.SIGKILL)
    plan = plan_limits(limits, own_user=user is not None or wall == "namespaces")
    if wall == "namespaces":
        owner = namespaces.NOBODY if user is None else user
        namespaces.build_root(view.room, limits.scratch_mb, owner)
        home = Path(namespaces.HOME)
    else:
        assert scratch is not None
        home = scratch
        os.chdir(home)
        if user is not None:
            os.chown(home, user, user)
    if wall != "none":
        kernel.close_bounds()
    closed = user is not None and view.closed
    if closed:
        kernel.keep_capabilities()
    if user is not None:
        namespaces.become(user)
    if wall != "none":
        kernel.drop_capabilities(kernel.READ_EVERYTHING if closed else 0)
    namespaces.put_files(files, home)
    if wall == "landlock":
        landlock.restrict(view.places, home, namespaces.DEVICES)
    apply_limits(plan)
    kernel.die_with_parent(signal.SIGKILL)  # again: a change of credentials forgets it
    kernel.hide_memory()
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    os.environ.update(HOME=str(home), TMPDIR=str(home), MPLCONFIGDIR=str(home / ".matplotlib"))
    tempfile.tempdir = None  # to be found again, by TMPDIR


def _shed(*kept: int) -> None:
    """Close everything that is open, but for `kept`; the standard streams lead nowhere."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    kernel.close_all_but(*kept)


def _has_closed_folders(shown: list[Path]) -> bool:
    """Tell whether Python or the bundle lies in a folder that only root may enter.

    Where all share one file system, whoever is root no more needs a privilege for it; what can be
    read with that is what Landlock allows.
    """
    folders = {folder for path in shown for folder in Path(os.path.realpath(path)).parents}
    return any(folder.exists() and not folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def available_walls() -> dict[str, str | None]:
    """Try each wall on this machine.

    Returns:
        For each of `WALLS` None where it can be built, else why not.
    """
    return {wall: _reason_against(wall) for wall in WALLS}


def _reason_against(wall: Wall) -> str | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = os.fork()
        if child == 0:
            try:
                ours.close()
                confine(wall, theirs.fileno(), [], {}, Limits())
                theirs.sendall(_BUILT)
            except BaseException as error:
                with suppress(OSError):
                    theirs.sendall(str(error).encode())
            finally:
                os._exit(0)
        theirs.close()
        said = b""
        while piece := ours.recv(4096):
            said += piece
        os.waitpid(child, 0)
    return None if said == _BUILT else said.decode("utf-8", "replace") or "the process ended early"
