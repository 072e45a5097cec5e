"""The first wall: namespaces of the process's own, and a root that shows what it may read.

Root makes the namespaces as it is and then becomes a user that nobody else is; an ordinary user
makes a user namespace first, in which it may.
"""

import os
import signal
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.engines.judge.confine import kernel

HOME = "/home/student"
NOBODY = 65534
SPARE_IDS = 1 << 30  # users from here on belong to no one; one for each process
ROOT_OPTIONS = "size=1m,nr_inodes=2k,mode=755"
OLD_ROOT = "/.old"
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_ALL = (
    kernel.NEW_MOUNTS
    | kernel.NEW_HOSTNAME
    | kernel.NEW_IPC
    | kernel.NEW_PROCESSES
    | kernel.NEW_NETWORK
)


def spare_user() -> int:
    """Give a user id that no other process has, where this process may become one."""
    wanted = SPARE_IDS + os.getpid()
    for table in ("uid_map", "gid_map"):
        ranges = [line.split() for line in Path("/proc/self", table).read_text().splitlines()]
        if not any(int(start) <= wanted < int(start) + int(count) for start, _, count in ranges):
            return NOBODY
    return wanted


def leave() -> int | None:
    """Make the namespaces; the next process that is forked is the first in them.

    Returns:
        The user to become inside, or None where an ordinary user is mapped already.

    Raises:
        ConfinementError: the kernel refuses.
    """
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        try:
            kernel.unshare(_ALL)
        except kernel.ConfinementError:
            pass  # root of a container, perhaps: as an ordinary user then
        else:
            return spare_user()
    kernel.unshare(_ALL | kernel.NEW_USERS)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    except OSError as error:
        raise kernel.ConfinementError(f"mapping the user: {error}") from None
    return None


def build_root(room: "Room", scratch_mb: int, owner: int) -> None:
    """Make a new root in memory that shows some files and folders, read-only, and a home.

    Args:
        room: what is shown.
        scratch_mb: how much the home may hold.
        owner: the user to whom the home belongs.

    Raises:
        ConfinementError: the kernel refuses.
    """
    kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    plain = kernel.MS_NOSUID | kernel.MS_NODEV
    place = "/tmp"  # any folder; what it hides is found again below the old root
    kernel.mount("tmpfs", place, "tmpfs", plain, ROOT_OPTIONS)
    os.mkdir(place + OLD_ROOT)
    os.chdir(place)
    kernel.pivot_root(".", OLD_ROOT.lstrip("/"))
    os.chdir("/")
    for path in sorted([*room.real, *room.covers]):  # what lies within comes after what is around
        if path in room.covers:
            kernel.mount("tmpfs", str(path), "tmpfs", plain, ROOT_OPTIONS)
        else:
            _show(path)
    for path, target in room.links.items():
        if not os.path.lexists(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
    for path in room.covers:
        kernel.protect(str(path), kernel.READ_ONLY, below=False)
    os.makedirs(HOME)
    options = f"size={scratch_mb}m,nr_inodes=4k,mode=700,uid={owner},gid={owner}"
    kernel.mount("tmpfs", HOME, "tmpfs", plain | kernel.MS_NOEXEC, options)
    kernel.detach(OLD_ROOT)
    os.rmdir(OLD_ROOT)
    kernel.protect("/", kernel.READ_ONLY, below=False)
    os.chdir(HOME)


@dataclass(frozen=True)
class Room:
    """What a new root shows.

    Attributes:
        real: files and folders, none within another but for those within `covers`.
        covers: folders within `real` that look empty but for what of `real` lies in them.
        links: where a link must be made, and its target.
    """

    real: tuple[Path, ...]
    covers: tuple[Path, ...]
    links: dict[Path, Path]


EMPTY = Room((), (), {})


def plan_room(shown: Iterable[Path], covered: Iterable[Path]) -> Room:
    """Sort out what is to be shown: each thing once, links apart from what they lead to.

    Args:
        shown: absolute paths; what does not exist is left out.
        covered: real folders that are to look empty, but for what of `shown` lies in them.

    Returns:
        The plan.
    """
    targets = {path: Path(os.path.realpath(path)) for path in shown}
    targets = {path: target for path, target in targets.items() if target.exists()}
    wanted = set(targets.values())
    covers = [path for path in covered if path not in wanted and _nearest(path, wanted)]
    seen_by = wanted.union(covers)
    real = [path for path in sorted(wanted) if _nearest(path, seen_by) not in wanted]
    links = {
        path: target
        for path, target in sorted(targets.items())
        if path != target
        and _nearest(Path(os.path.realpath(path.parent), path.name), seen_by) not in wanted
    }
    return Room(tuple(real), tuple(covers), links)


def _nearest(path: Path, among: Collection[Path]) -> Path | None:
    return next((parent for parent in path.parents if parent in among), None)


def _show(path: Path) -> None:
    source = Path(OLD_ROOT + str(path))
    attributes = kernel.READ_ONLY | kernel.NO_SUID
    if source.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        attributes |= kernel.NO_DEVICES
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        attributes |= kernel.NO_PROGRAMS if source.is_char_device() else kernel.NO_DEVICES
    kernel.mount(str(source), str(path), None, kernel.MS_BIND | kernel.MS_REC)
    kernel.protect(str(path), attributes)


def become(user: int) -> None:
    """Become another user for good, with no group but its own."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def put_files(files: dict[str, bytes], folder: Path) -> None:
    """Write files below a folder.

    Args:
        files: what they hold, by relative path.
        folder: where they go.

    Raises:
        ConfinementError: a path leads out of the folder.
    """
    for name, content in files.items():
        parts: Sequence[str] = Path(name).parts
        if Path(name).is_absolute() or ".." in parts or not parts:
            raise kernel.ConfinementError(f"no file can be put at {name!r}")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def restore_death_signal() -> None:
    """Die with the parent; after the change of credentials, which forgets it."""
    kernel.die_with_parent(signal.SIGKILL)
