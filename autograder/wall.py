"""The wall round a submission: one command in bubblewrap, with limits, watched from outside.

Inside exist Python, the folders that were shown, and small folders in memory to write to. There is
no network, no other process, no environment and no way back: the namespaces are the command's own,
and whatever is left in them dies with the first process in them.

Several kinds of limit, because none of them holds alone: resource limits inside (`apply_limits`; a
process that is root's outside is exempt from the one on processes), a control group's ceiling on
processes where one can be made, sizes of the folders in memory, and a watch from outside on time,
processes, memory and output of the whole.
"""

import contextlib
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.errors import CourseError
from autograder.process_group import limited_processes

Sandbox = Literal["bubblewrap", "none"]
Ending = Literal["finished", "time", "memory", "processes", "output", "stopped"]

NOBODY = "65534"
SCRATCH_MB = 256
SHARED_MEMORY_MB = 64
LOG_BYTES = 64 * 1024
LOOK_EVERY = 0.2  # seconds between two looks at the processes inside
SYSTEM_FOLDERS = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
CURE = (
    "Install bubblewrap (Debian, Ubuntu: sudo apt install bubblewrap) and allow user namespaces "
    "(Ubuntu from 24.04: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0); "
    "`--sandbox none` grades without a wall: only for submissions that you trust."
)


@dataclass(frozen=True)
class Limits:
    """What everything behind the wall may use together.

    Attributes:
        seconds: wall-clock time until everything inside is killed.
        memory_mb: private memory in MiB, of one process and of all together.
        processes: how many at once.
        file_mb: size in MiB of one file written.
        output_mb: how much the command may write to its standard output.
    """

    seconds: float
    memory_mb: int = 4096
    processes: int = 64
    file_mb: int = 64
    output_mb: int = 64


@dataclass(frozen=True)
class Outcome:
    """How a command behind the wall ended, and what it wrote."""

    ended: Ending
    returncode: int
    output: bytes
    log: str


def apply_limits(limits: Limits, *, count_processes: bool) -> None:
    """Limit this process and all that it starts; to be called inside, before any foreign code.

    Args:
        limits: what may be used.
        count_processes: whether to limit processes too. Only in a user namespace of our own:
            elsewhere all of the user's processes would count.
    """
    memory = limits.memory_mb * 2**20
    seconds = int(limits.seconds) + 5
    wanted = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_FSIZE: limits.file_mb * 2**20,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 1024,
    }
    if count_processes:
        wanted[resource.RLIMIT_NPROC] = limits.processes
    for kind, value in wanted.items():
        _, most = resource.getrlimit(kind)
        allowed = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (allowed, allowed))


def require(sandbox: Sandbox) -> None:
    """Make sure that the wall can be built on this machine.

    Args:
        sandbox: the wall that is asked for.

    Raises:
        CourseError: bubblewrap is missing, or the kernel refuses it; with the cure.
    """
    if sandbox == "none":
        return
    if shutil.which("bwrap") is None:
        raise CourseError("Grading needs bubblewrap, which is not installed.", CURE)
    with tempfile.TemporaryDirectory() as folder:
        wall = Wall("bubblewrap", Path(folder))
        outcome = wall.run([sys.executable, "-S", "-c", ""], Limits(seconds=30))
    if outcome.returncode != 0:
        said = outcome.log.strip().splitlines()
        reason = said[-1] if said else f"exit code {outcome.returncode}"
        raise CourseError(f"bubblewrap cannot build its wall on this machine ({reason}).", CURE)


class Wall:
    """One wall, to be used for one command.

    Args:
        sandbox: "bubblewrap", or "none" for the same command with limits and no wall.
        scratch: an empty folder that the command may write to where there is no wall; behind
            bubblewrap a folder in memory takes its place.
    """

    def __init__(self, sandbox: Sandbox, scratch: Path) -> None:
        self.sandbox = sandbox
        self.scratch = "/tmp" if sandbox == "bubblewrap" else str(scratch)
        self._shown: dict[str, Path] = {}

    def show(self, folder: Path, inside: str) -> str:
        """Let the command read a file or folder.

        Args:
            folder: what to show.
            inside: where it is to lie, absolute.

        Returns:
            The path by which the command finds it.
        """
        if self.sandbox == "none":
            return str(folder)
        self._shown[inside] = folder
        return inside

    def command(self, command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """Give the whole command line, the wall included."""
        if self.sandbox == "none":
            return list(command)
        line = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns"]
        line += ["--uid", NOBODY, "--gid", NOBODY, "--hostname", "grading", "--clearenv"]
        line += ["--cap-drop", "ALL", "--die-with-parent", "--new-session"]
        line += ["--size", str(SCRATCH_MB * 2**20), "--tmpfs", self.scratch]
        for part in _python_folders():
            line += ["--ro-bind", str(part), str(part)]
        for link, target in _system_links():
            line += ["--symlink", target, link]
        line += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        line += ["--proc", "/proc", "--dev", "/dev"]
        line += ["--size", str(SHARED_MEMORY_MB * 2**20), "--tmpfs", "/dev/shm"]
        for inside, shown in self._shown.items():
            line += ["--ro-bind", str(shown), inside]
        for name, value in environment.items():
            line += ["--setenv", name, value]
        for mounted in ("/dev", "/proc", "/"):  # as root, /proc/sys could be written otherwise
            line += ["--remount-ro", mounted]
        line += ["--chdir", self.scratch]
        return [*line, "--", *command]

    def run(
        self,
        command: Sequence[str],
        limits: Limits,
        *,
        environment: Mapping[str, str] | None = None,
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Run a command to its end or to a limit; then nothing of it is left.

        Args:
            command: program and arguments, in paths as `show` returned them.
            limits: what everything inside may use together.
            environment: its environment variables; HOME and TMPDIR (the scratch folder) are added.
            stop: when this is set, everything inside is killed.

        Returns:
            How it ended, and what it wrote.
        """
        variables = {"HOME": self.scratch, "TMPDIR": self.scratch, **(environment or {})}
        with (
            limited_processes(limits.processes) as group,
            subprocess.Popen(
                group.enter(self.command(command, variables)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=variables if self.sandbox == "none" else {"PATH": os.environ.get("PATH", "")},
                cwd=self.scratch if self.sandbox == "none" else "/",
                start_new_session=True,
            ) as process,
        ):
            watch = _Watch(process, limits, stop)
            try:
                ended, output, log = watch.until_it_ends()
            finally:
                watch.kill()
            if ended == "finished" and group.refused():
                ended, output = "processes", b""
        return Outcome(ended, process.returncode, output, log.decode(errors="replace"))


class _Watch:
    """Reads what a command writes and kills it at its limits."""

    def __init__(
        self, process: subprocess.Popen, limits: Limits, stop: threading.Event | None
    ) -> None:
        self.process = process
        self.limits = limits
        self.stop = stop
        self.deadline = time.monotonic() + limits.seconds

    def until_it_ends(self) -> tuple[Ending, bytes, bytes]:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        output, log = bytearray(), bytearray()
        look_next = time.monotonic() + LOOK_EVERY
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ, output)
            selector.register(self.process.stderr, selectors.EVENT_READ, log)
            while selector.get_map():
                for key, _ in selector.select(timeout=LOOK_EVERY):
                    piece = os.read(key.fd, 65536)
                    if not piece:
                        selector.unregister(key.fileobj)
                    elif key.data is output or len(log) < LOG_BYTES:
                        key.data.extend(piece)
                if len(output) > self.limits.output_mb * 2**20:
                    return "output", b"", bytes(log)
                now = time.monotonic()
                if now >= look_next or self.process.poll() is not None:
                    broken = self._broken_limit(now)
                    if broken:
                        return broken, b"", bytes(log)
                    look_next = time.monotonic() + LOOK_EVERY
                if self.process.poll() is not None and not selector.select(timeout=0):
                    break  # a stray process may hold the pipes open
        while self.process.poll() is None:  # the pipes are closed, the process is not over yet
            broken = self._broken_limit(time.monotonic())
            if broken:
                return broken, b"", bytes(log)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(LOOK_EVERY)
        return "finished", bytes(output), bytes(log)

    def _broken_limit(self, now: float) -> Ending | None:
        if self.stop is not None and self.stop.is_set():
            return "stopped"
        if now > self.deadline:
            return "time"
        inside = list(self._descendants())
        if len(inside) > self.limits.processes:
            return "processes"
        if (
            sum(_private_bytes(pid) for pid in [self.process.pid, *inside])
            > self.limits.memory_mb * 2**20
        ):
            return "memory"
        return None

    def _descendants(self) -> Iterator[int]:
        children = _children_by_parent()
        waiting = [self.process.pid]
        while waiting:
            found = children.get(waiting.pop(), [])
            waiting += found
            yield from found

    def kill(self) -> None:
        """Kill the namespace's first process, and with it all others; without a wall, the tree."""
        for pid in [*self._descendants(), self.process.pid]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _children_by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                text = Path("/proc", name, "stat").read_text(errors="replace")
                parent = int(text.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(name))
    return children


def _private_bytes(pid: int) -> int:
    try:
        fields = Path("/proc", str(pid), "statm").read_text().split()
    except OSError:
        return 0
    return max(0, int(fields[1]) - int(fields[2])) * resource.getpagesize()


def _python_folders() -> list[Path]:
    """List what Python needs, read-only: base installation, virtual environment, libraries."""
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    if Path(sys.base_prefix) == Path("/usr"):  # the system's Python: its program, not all programs
        program = Path(sys.executable).resolve()
        prefixes = [Path(sys.prefix), program, Path(sysconfig.get_path("stdlib"))]
        prefixes += [Path("/usr/bin/python3"), Path("/usr/bin/python3.11")]
    system = [Path(folder) for folder in SYSTEM_FOLDERS if not Path(folder).is_symlink()]
    folders = [folder for folder in [*system, *prefixes] if folder.exists()]
    return [
        folder
        for place, folder in enumerate(folders)
        if folder not in folders[:place]
        and not any(folder.is_relative_to(other) for other in folders if other != folder)
    ]


def _system_links() -> list[tuple[str, str]]:
    return [(folder, os.readlink(folder)) for folder in SYSTEM_FOLDERS if Path(folder).is_symlink()]
