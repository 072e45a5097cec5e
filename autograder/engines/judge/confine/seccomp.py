"""The system calls that a confined process may make; every other one is refused.

An allow-list: what NumPy, PyTorch, Matplotlib and IPython use when they are imported already and
run in one process with threads. Some calls are allowed with certain arguments only.
"""

import ctypes
import errno
import os
import struct
from dataclasses import dataclass

from autograder.engines.judge.confine import kernel

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
ARCHITECTURES = {"x86_64": (X86_64, 0), "aarch64": (AARCH64, 1)}  # audit number, column below

# Calls that are harmless with any argument: their numbers on x86_64 and on aarch64.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "poll": (7, None),
    "lseek": (8, 62),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "access": (21, None),
    "pipe": (22, None),
    "select": (23, None),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "msync": (26, 227),
    "mincore": (27, 232),
    "madvise": (28, 233),
    "dup": (32, 23),
    "dup2": (33, None),
    "pause": (34, None),
    "nanosleep": (35, 101),
    "getitimer": (36, 102),
    "alarm": (37, None),
    "setitimer": (38, 103),
    "getpid": (39, 172),
    "sendfile": (40, 71),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "shutdown": (48, 210),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    "getsockopt": (55, 209),
    "exit": (60, 93),
    "wait4": (61, 260),
    "uname": (63, 160),
    "flock": (73, 32),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "ftruncate": (77, 46),
    "getdents": (78, None),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "fchdir": (81, 50),
    "rename": (82, None),
    "mkdir": (83, None),
    "rmdir": (84, None),
    "creat": (85, None),
    "unlink": (87, None),
    "readlink": (89, None),
    "umask": (95, 166),
    "gettimeofday": (96, 169),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "getuid": (102, 174),
    "getgid": (104, 176),
    "geteuid": (107, 175),
    "getegid": (108, 177),
    "getppid": (110, 173),
    "getpgrp": (111, None),
    "getgroups": (115, 158),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getpgid": (121, 155),
    "getsid": (124, 156),
    "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137),
    "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "arch_prctl": (158, None),
    "gettid": (186, 178),
    "readahead": (187, 213),
    "time": (201, None),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "epoll_create": (213, None),
    "getdents64": (217, 61),
    "set_tid_address": (218, 96),
    "restart_syscall": (219, 128),
    "fadvise64": (221, 223),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "epoll_wait": (232, None),
    "epoll_ctl": (233, 21),
    "get_mempolicy": (239, 236),
    "waitid": (247, 95),
    "mkdirat": (258, 34),
    "newfstatat": (262, 79),
    "unlinkat": (263, 35),
    "renameat": (264, 38),
    "readlinkat": (267, 78),
    "faccessat": (269, 48),
    "pselect6": (270, 72),
    "ppoll": (271, 73),
    "set_robust_list": (273, 99),
    "epoll_pwait": (281, 22),
    "fallocate": (285, 47),
    "eventfd2": (290, 19),
    "epoll_create1": (291, 20),
    "dup3": (292, 24),
    "pipe2": (293, 59),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "getcpu": (309, 168),
    "renameat2": (316, 276),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "copy_file_range": (326, 285),
    "preadv2": (327, 286),
    "pwritev2": (328, 287),
    "statx": (332, 291),
    "rseq": (334, 293),
    "close_range": (436, 436),
    "faccessat2": (439, 439),
    "futex_waitv": (449, 449),
}

# Calls whose answer "not there" makes the C library take an older one, which the filter can read.
ABSENT: dict[str, tuple[int, int]] = {"clone3": (435, 435), "openat2": (437, 437)}
NEWEST = 450  # calls from here on are newer than this list: "not there" as well

CLONE_THREAD = 0x00010000
CLONE_NEW = 0x7E020000  # any new namespace
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
ACCESS, TRUNCATE = 0x3, 0x200  # of open's flags
READ, WRITE, READ_WRITE, NEITHER = 0, 1, 2, 3
FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)  # no owner, no signal, no lease, no seal
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal?, its size, unread bytes, flags
PRCTL = (3, 15, 16, 21, 23, 39, 41, 42, 0x53564D41)  # what reads, names threads and mappings


@dataclass(frozen=True)
class Condition:
    """A call that is allowed where `argument & mask` is one of `values`.

    Attributes:
        numbers: on x86_64 and on aarch64.
        argument: which one, from 0; its lower 32 bits count.
        mask: the bits that are looked at.
        values: what they may be.
        error: the answer otherwise.
    """

    numbers: tuple[int | None, int | None]
    argument: int
    mask: int
    values: tuple[int, ...]
    error: int = errno.EPERM


def conditions(own_pid: int) -> dict[str, Condition]:
    """Give the calls that are allowed with some arguments only.

    Args:
        own_pid: the process that is confined, in its own namespace.

    Returns:
        By name.
    """
    whole = 0xFFFFFFFF
    opening = tuple(
        access | truncate
        for access in (READ, WRITE, READ_WRITE)
        for truncate in (0, TRUNCATE)
        if access or not truncate  # truncating needs writing, which Landlock then sees
    )
    return {
        "mmap": Condition(
            (9, 222), 3, MAP_SHARED | MAP_ANONYMOUS, (0, MAP_SHARED, MAP_ANONYMOUS), errno.ENOMEM
        ),  # shared memory that belongs to no file is not counted against any limit
        "clone": Condition((56, 220), 0, CLONE_THREAD | CLONE_NEW, (CLONE_THREAD,)),
        "kill": Condition((62, 129), 0, whole, (own_pid,)),
        "tgkill": Condition((234, 131), 0, whole, (own_pid,)),
        "prlimit64": Condition((302, 261), 0, whole, (0, own_pid)),
        "open": Condition((2, None), 1, ACCESS | TRUNCATE, opening),
        "openat": Condition((257, 56), 2, ACCESS | TRUNCATE, opening),
        "fcntl": Condition((72, 25), 1, whole, FCNTL),
        "ioctl": Condition((16, 29), 1, whole, IOCTL, errno.ENOTTY),
        "prctl": Condition((157, 167), 0, whole, PRCTL),
    }


_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32 = 0x40000000


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def make_filter(machine: str, own_pid: int) -> bytes:
    """Write the filter in the kernel's own small language (classic BPF).

    Args:
        machine: the architecture, as `uname -m` names it.
        own_pid: the process that is confined, in its own namespace.

    Returns:
        The instructions.

    Raises:
        ConfinementError: there is no table for this architecture.
    """
    if machine not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise kernel.ConfinementError(f"no table of system calls for {machine}, only for {known}")
    audit, column = ARCHITECTURES[machine]
    program = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_EQUAL, audit, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_AT_LEAST, _X32, 0, 1),
        _instruction(_RETURN, _KILL),
    ]
    limited = conditions(own_pid)
    for numbers in ALLOWED.values():
        number = numbers[column]
        if number is not None:
            program += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ALLOW)]
    for condition in limited.values():
        number = condition.numbers[column]
        if number is None:
            continue
        block = [
            _instruction(_LOAD, _ARGUMENTS_AT + 8 * condition.argument),
            _instruction(_AND, condition.mask),
        ]
        for value in condition.values:
            block += [_instruction(_EQUAL, value, 0, 1), _instruction(_RETURN, _ALLOW)]
        block.append(_instruction(_RETURN, _ERROR | condition.error))
        program += [_instruction(_EQUAL, number, 0, len(block)), *block]
    for absent in ABSENT.values():
        program.append(_instruction(_EQUAL, absent[column], 0, 1))
        program.append(_instruction(_RETURN, _ERROR | errno.ENOSYS))
    program += [
        _instruction(_AT_LEAST, NEWEST, 0, 1),
        _instruction(_RETURN, _ERROR | errno.ENOSYS),
        _instruction(_RETURN, _ERROR | errno.EPERM),
    ]
    return b"".join(program)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


_SET_SECCOMP, _MODE_FILTER = 22, 2


def install_filter() -> None:
    """Put the filter on this process and all its threads-to-be; there is no way back.

    Raises:
        ConfinementError: the kernel refuses, or the architecture is not known.
    """
    code = make_filter(os.uname().machine, os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    kernel.forbid_new_privileges()
    kernel.control(_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program), doing="setting seccomp")
