"""What a confined process may use: memory, time, files, threads."""

import os
import resource
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20
ADDRESS_RESERVE = 2048 * MIB  # address space is taken in large pieces that are never touched
RESERVE = 256  # threads that others of the same user may start meanwhile


@dataclass(frozen=True)
class Limits:
    """What one confined process may use, beyond what it shares with the warm process.

    Attributes:
        seconds: processor time; the wall-clock limit is the caller's business.
        memory_mb: private memory in MiB.
        processes: threads, since processes cannot be started.
        file_mb: size in MiB of one file written.
        scratch_mb: size in MiB of all files written.
        open_files: descriptors.
    """

    seconds: int = 180
    memory_mb: int = 4096
    processes: int = 64
    file_mb: int = 16
    scratch_mb: int = 64
    open_files: int = 128


def plan_limits(limits: Limits, *, own_user: bool) -> dict[int, int]:
    """Work out the kernel's limits; while `/proc` can still be read.

    Args:
        limits: what this process may use.
        own_user: whether no other process runs as this user (in this user namespace); else the
            kernel counts theirs too.

    Returns:
        For each resource how much.
    """
    data, address_space = _taken()
    return {
        resource.RLIMIT_DATA: data + limits.memory_mb * MIB,
        resource.RLIMIT_AS: address_space + limits.memory_mb * MIB + ADDRESS_RESERVE,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: limits.file_mb * MIB,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.processes + (0 if own_user else _tasks_of_user() + RESERVE),
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }


def apply_limits(plan: dict[int, int]) -> None:
    """Limit this process for good, as planned."""
    for kind, value in plan.items():
        _, most = resource.getrlimit(kind)
        allowed = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (allowed, allowed))


def _taken() -> tuple[int, int]:
    """Give what the process has already: private memory and address space in bytes."""
    fields = {}
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("VmData", "VmSize"):
                fields[name] = int(value.split()[0]) * 1024
    return fields["VmData"], fields["VmSize"]


def _tasks_of_user() -> int:
    """Count the threads of this process's user."""
    user = os.getuid()
    number = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                task = Path("/proc", name, "task")
                if task.stat().st_uid == user:
                    number += len(os.listdir(task))
    return number
