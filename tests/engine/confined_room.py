"""A warm process for the tests of the wall: runs Python behind it, and says what came of it.

Started as a program: it reads one order a line (JSON), forks, confines, runs the order's source,
and writes one answer a line. `Room` is the test's side of it.
"""

import json
import os
import resource
import select
import shlex
import socket
import subprocess
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = tuple(Path(path) for path in sys.path if path.endswith("-packages"))
ORDINARY = "65534"
SLOWEST = 60.0


class Room:
    """The test's side: a warm process as some user, and one wall.

    Args:
        wall: the wall to be tried.
        ordinary: whether the process is an ordinary user's (the test must be root's).
        folder: an empty folder.
    """

    def __init__(self, wall: str, folder: Path, *, ordinary: bool) -> None:
        self.wall = wall
        self.ordinary = ordinary
        line = [sys.executable, "-P", __file__]
        if ordinary:
            line = ["unshare", "--mount", "sh", "-c", as_ordinary_user(line, folder)]
        self.process = subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )
        self.hello = self._read()

    def run(self, source: str, *, hold: bool = False, files=None, **limits: int) -> dict:
        """Run a source behind the wall.

        Args:
            source: it may set `result`, to anything that JSON knows.
            hold: do not wait for its end; `ask` and `drop` go on with it.
            files: put into the scratch folder, as text.
            **limits: others than the usual.

        Returns:
            `result`, or `error` with the exception's name; `code`, the exit code; `guard`, the
            process outside; `processor_seconds`, what all of it took.
        """
        order = {"wall": self.wall, "source": source, "limits": limits, "hold": hold}
        return self._ask({**order, "files": files or {}})

    def drop(self) -> dict:
        """Close the connection to a process that was held, and wait for its end."""
        return self._ask({"drop": True})

    def drop_all(self) -> None:
        """Drop whatever is still held."""
        while self.drop()["code"] is not None:
            pass

    def end(self) -> None:
        """End the warm process."""
        self.process.kill()
        self.process.communicate()

    def _ask(self, order: dict) -> dict:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], SLOWEST)
        assert readable, "the warm process does not answer"
        return json.loads(self.process.stdout.readline())


def as_ordinary_user(line: list[str], folder: Path) -> str:
    """Write a shell script that runs a program as nobody, who can read Python and this course.

    What lies in a folder that is closed to others is shown in its place, in mounts of its own.
    """
    needed = {Path(sys.base_prefix), Path(sys.prefix), ROOT}
    closed = {closed for path in needed if (closed := _closed_above(path))}
    script = ["set -e"]
    moved = {path for path in needed if _closed_above(path)}
    for number, path in enumerate(sorted(moved)):
        script += [f"mkdir {folder}/{number}", f"mount --bind {path} {folder}/{number}"]
    script += [f"mount -t tmpfs -o mode=755 tmpfs {path}" for path in sorted(closed)]
    for number, path in enumerate(sorted(moved)):
        script += [f"mkdir -p {path}", f"mount --bind {folder}/{number} {path}"]
    become = ["setpriv", "--reuid", ORDINARY, "--regid", ORDINARY, "--clear-groups"]
    return "\n".join([*script, "exec " + shlex.join([*become, *line])])


def _closed_above(path: Path) -> Path | None:
    parents = reversed(path.resolve().parents)
    return next((folder for folder in parents if not folder.stat().st_mode & 0o001), None)


def main() -> None:
    """Serve orders until there are no more."""
    import matplotlib as mpl

    mpl.use("Agg")
    import IPython.core.interactiveshell
    import matplotlib.pyplot as plt
    import numpy as np

    from autograder.engines.judge.confine import WALLS, available_walls, prepare

    for wall in WALLS:
        prepare(wall, PACKAGES)

    plt.figure().add_subplot().plot([1, 2])
    plt.gcf().savefig(os.devnull, format="png")
    plt.close("all")
    shell = IPython.core.interactiveshell.InteractiveShell.instance()
    shell.history_manager.enabled = False
    held: list[tuple[int, socket.socket]] = []
    names = {"np": np, "plt": plt, "shell": shell, "os": os, "sys": sys, "parent": os.getpid()}
    answer({"walls": available_walls(), "user": os.getuid(), "pid": os.getpid()})
    for line in sys.stdin:
        order = json.loads(line)
        if "drop" in order:
            if not held:
                answer({"code": None})
                continue
            pid, connection = held.pop()
            connection.close()
            answer({"code": wait(pid)})
            continue
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            inside(order, theirs, names)
        theirs.close()
        first = ours.recv(1)
        said = {"guard": pid, "built": first == b"+"}
        if order["hold"]:
            held.append((pid, ours))
        else:
            text = b"".join(iter(lambda: ours.recv(65536), b""))  # noqa: B023 - used at once
            said |= json.loads(text) if text else {}
            before = processor_seconds()
            said["code"] = wait(pid)
            said["processor_seconds"] = processor_seconds() - before
            ours.close()
        answer(said)


def answer(value: dict) -> None:
    """Write one line."""
    print(json.dumps(value), flush=True)


def wait(pid: int) -> int:
    """Wait for a process and give its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def processor_seconds() -> float:
    """Give the processor time of all that this process has started and seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def inside(order: dict, connection: socket.socket, names: dict) -> None:
    """Go behind the wall and run the order's source."""
    from autograder.engines.judge.confine import ConfinementError, Limits, confine

    files = {name: text.encode() for name, text in order["files"].items()}
    limits = Limits(**{"memory_mb": 512, **order["limits"]})
    said: dict = {}
    try:
        confine(order["wall"], connection.fileno(), PACKAGES, files, limits)
        connection.sendall(b"+")
        exec(order["source"], names)
        said["result"] = names.get("result")
    except ConfinementError as error:
        connection.sendall(b"-")
        said["error"], said["message"] = "ConfinementError", str(error)
    except BaseException as error:
        said["error"], said["message"] = type(error).__name__, traceback.format_exc()
    connection.sendall(json.dumps(said).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
