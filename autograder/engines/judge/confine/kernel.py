"""Calls of the kernel that Python has no function for, checked, by ctypes."""

import ctypes
import itertools
import os

NEW_MOUNTS = 0x00020000
NEW_HOSTNAME = 0x04000000
NEW_IPC = 0x08000000
NEW_USERS = 0x10000000
NEW_PROCESSES = 0x20000000
NEW_NETWORK = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8  # of mount_setattr
MNT_DETACH = 2

SET_DEATH_SIGNAL, SET_DUMPABLE, DROP_FROM_BOUNDS, NO_NEW_PRIVILEGES, AMBIENT = 1, 4, 24, 38, 47
AMBIENT_CLEAR = 4
KEEP_CAPABILITIES = 8
READ_EVERYTHING = 1 << 2  # CAP_DAC_READ_SEARCH
CAPABILITY_VERSION = 0x20080522
LAST_CAPABILITY = 63

_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_SETATTR = 442  # the same number on every architecture
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


class ConfinementError(Exception):
    """The wall could not be built; the message says what the kernel refused."""


def check(result: int, doing: str) -> int:
    """Turn a failed call into an exception.

    Args:
        result: what the C function returned.
        doing: what was attempted, for the message.

    Returns:
        The result.

    Raises:
        ConfinementError: it was negative.
    """
    if result < 0:
        raise ConfinementError(f"{doing}: {os.strerror(ctypes.get_errno())}")
    return result


def system_call(number: int, *arguments: object, doing: str) -> int:
    """Make a system call by its number."""
    return check(_libc.syscall(ctypes.c_long(number), *arguments), doing)


def control(option: int, *arguments: int, doing: str | None) -> int:
    """Call prctl; with `doing` None a refusal is no error."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    result = _libc.prctl(option, *padded)
    return result if doing is None else check(result, doing)


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names for new ones."""
    check(_libc.unshare(ctypes.c_int(flags)), "making namespaces")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or bind a folder or file to another place."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    result = _libc.mount(*texts, ctypes.c_ulong(flags), options.encode() or None)
    check(result, f"mounting {source or kind or ''} on {target}")


def protect(target: str, attributes: int, *, below: bool = True) -> None:
    """Set attributes of a mount, such as read-only, and of all mounts below it."""
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    system_call(
        _MOUNT_SETATTR,
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE if below else 0),
        ctypes.byref(wanted),
        ctypes.c_size_t(ctypes.sizeof(wanted)),
        doing=f"protecting {target}",
    )


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root; the old one lies at `old` from then on."""
    number = _PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise ConfinementError(f"not written for the architecture {os.uname().machine}")
    system_call(number, os.fsencode(new), os.fsencode(old), doing="changing the root")


def detach(target: str) -> None:
    """Take a mount and all below it away, at once."""
    check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"taking {target} away")


def die_with_parent(signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent ends.

    A change of credentials forgets this: call it again after one.
    """
    control(SET_DEATH_SIGNAL, signal_number, doing="tying the process to its parent")


def close_bounds() -> None:
    """Let no program ever bring a privilege in; an ordinary user has no need and no right to."""
    for capability in range(LAST_CAPABILITY + 1):
        control(DROP_FROM_BOUNDS, capability, doing=None)
    control(AMBIENT, AMBIENT_CLEAR, doing=None)


def keep_capabilities() -> None:
    """Let the next change of user leave the privileges that are permitted."""
    control(KEEP_CAPABILITIES, 1, doing="keeping capabilities")


def drop_capabilities(kept: int = 0) -> None:
    """Give up every privilege for good.

    Args:
        kept: the bits of those that stay.

    Raises:
        ConfinementError: some are left.
    """
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept)  # effective, permitted
    check(_libc.capset(header, sets), "dropping capabilities")
    check(_libc.capget(header, sets), "reading capabilities")
    if list(sets) != [kept, kept, 0, 0, 0, 0]:
        raise ConfinementError("dropping capabilities: some are left")


def forbid_new_privileges() -> None:
    """No program started from here, and none it starts, gains any privilege."""
    control(NO_NEW_PRIVILEGES, 1, doing="forbidding new privileges")


def hide_memory() -> None:
    """Let no other process of the same user read or trace this one."""
    control(SET_DUMPABLE, 0, doing="closing the memory to others")


def close_all_but(*kept: int) -> None:
    """Close all descriptors but the standard streams and `kept`."""
    for before, after in itertools.pairwise([2, *sorted(kept), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(before + 1, after)
