"""The second wall, where namespaces are refused: Landlock on files, seccomp and limits on the rest.

What it cannot hide, unlike the first: that a file exists, how large it is and whose. Reading or
listing is refused everywhere but where it is allowed; Linux 5.13 or later.
"""

import ctypes
import os
import struct
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from autograder.engines.judge.confine import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG, _RULE_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FIRST_RIGHTS = (1 << 13) - 1
REFER, TRUNCATE, DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
MAKE_DEVICES = (1 << 6) | (1 << 9) | (1 << 10) | (1 << 11)  # devices, sockets, pipes with names
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL


def version() -> int:
    """Give the version of Landlock that the kernel has.

    Raises:
        ConfinementError: it has none, or it is switched off.
    """
    return kernel.system_call(_CREATE, None, 0, _VERSION_FLAG, doing="asking for Landlock")


def plan_places(shown: Iterable[Path], covered: Collection[Path]) -> list[Path]:
    """Work out what must be allowed one by one, so that some folders stay closed.

    Args:
        shown: what can be read; what does not exist is left out.
        covered: folders within those that cannot be read, but for what of them is in `shown`.

    Returns:
        Real files and folders.
    """
    places = {Path(os.path.realpath(path)) for path in shown}
    hidden = [folder for folder in covered if folder not in places]
    return [part for place in sorted(places) for part in without(place, hidden) if part.exists()]


def restrict(places: Iterable[Path], scratch: Path, devices: Iterable[str]) -> None:
    """Allow reading in some places and writing in one; for this process, for good.

    Args:
        places: what can be read.
        scratch: the folder that can be written to.
        devices: device files that can be read and written.

    Raises:
        ConfinementError: the kernel refuses.
    """
    known = version()
    rights = FIRST_RIGHTS
    for since, right in ((2, REFER), (3, TRUNCATE), (5, DEVICE_CONTROL)):
        if known >= since:
            rights |= right
    network = 3 if known >= 4 else 0
    scopes = 3 if known >= 6 else 0  # abstract sockets and signals
    attributes = struct.pack("=QQQ", rights, network, scopes)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = kernel.system_call(
        _CREATE, attributes, ctypes.c_size_t(size), 0, doing="making Landlock's rules"
    )
    reading = READ_FILE | READ_FOLDER | EXECUTE
    for place in places:
        _allow(rules, place, reading, rights)
    for device in devices:
        _allow(rules, Path(device), READ_FILE | WRITE_FILE, rights)
    _allow(rules, scratch, rights & ~(EXECUTE | MAKE_DEVICES | DEVICE_CONTROL), rights)
    kernel.forbid_new_privileges()
    kernel.system_call(_RESTRICT, rules, 0, doing="applying Landlock's rules")
    os.close(rules)


def without(path: Path, covered: Collection[Path]) -> Iterator[Path]:
    """Take a folder apart so that some folders in it are left out.

    Args:
        path: a real file or folder.
        covered: the folders to be left out.

    Yields:
        The path itself, or what is in it.
    """
    if path in covered:
        return
    if not any(folder.is_relative_to(path) for folder in covered):
        yield path
        return
    for entry in os.scandir(path):
        yield from without(Path(entry.path), covered)


def _allow(rules: int, path: Path, rights: int, known: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= OF_FILES
        rule = struct.pack("=Qi", rights & known, place)
        kernel.system_call(_ADD, rules, _RULE_BENEATH, rule, 0, doing=f"allowing {path}")
    finally:
        os.close(place)
