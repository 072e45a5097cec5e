"""A warm process: it has imported what a week needs, and is forked for each submission.

There are two of them, one for judges and one for students, each started by the engine as
`python warm.py KIND SETTINGS CONTROL`, the last two being descriptors; they fork apart, so that
what the judges have imported is nowhere in the processes that run students' code. One thread, no
history.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOK_EVERY = 1.0  # seconds between two looks for children that have ended
PR_SET_PDEATHSIG = 1


def avoid_imports() -> None:
    """Let modules of the engine be imported without what their parent packages import.

    `autograder.engines` brings in the course's own tool, which a student's process has no use for.
    """
    for name in ("autograder", "autograder.engines"):
        folder = Path(__file__).parents[2 - name.count(".")]
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = [str(folder)]
            sys.modules[name] = package


def main(settings: dict[str, Any], control: socket.socket) -> None:
    """Warm up, then fork a child for each connection that comes.

    Args:
        settings: what the engine wants; see `autograder.engines.judge.engine`.
        control: where the connections come from; its end is the end.
    """
    for name in settings["modules"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    prepare = prepare_student if settings["kind"] == "student" else prepare_judge
    child = prepare(settings)
    gc.collect()
    gc.freeze()
    control.sendall(b"ready")
    children: set[int] = set()
    while True:
        readable, _, _ = select.select([control], [], [], LOOK_EVERY)
        children = {pid for pid in children if not _has_ended(pid)}
        if not readable:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            break
        pid = os.fork()
        if pid == 0:
            control.close()
            try:
                _begin_child()
                child(socket.socket(fileno=descriptors[0]))
            finally:
                os._exit(1)
        os.close(descriptors[0])
        children.add(pid)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid


def _begin_child() -> None:
    """Leave the group of the warm process, so that `kill(0)` reaches no one else; die with it."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def prepare_student(settings: dict[str, Any]) -> Callable[[socket.socket], None]:
    """Make the shell that every student's process begins with.

    Args:
        settings: the engine's.

    Returns:
        What a child does with its connection.
    """
    from autograder.engines.judge.channel import HELLO, REFUSED
    from autograder.engines.judge.shell import make_shell
    from autograder.engines.judge.student import StudentServer
    from helpers.withheld import Guards

    if "torch" in sys.modules:
        importlib.import_module("autograder.engines.judge.gradients")  # out of reach afterwards
        importlib.import_module("torch._dynamo")  # optimisers load it; it asks who the user is
    shell = make_shell()
    guards = Guards(settings["withheld"]["names"], settings["withheld"]["by"])
    confine = find_confine(settings)
    sys.path[:] = [path for path in sys.path if path not in settings["hidden_paths"]]

    def begin(connection: socket.socket) -> None:
        try:
            confine(connection.fileno())
        except Exception as error:
            connection.sendall(REFUSED + f"{error}".encode())
            return
        connection.sendall(HELLO)
        shell.start(settings["most_text"])
        StudentServer(connection, shell, guards).run()

    return begin


def find_confine(settings: dict[str, Any]) -> Callable[[int], None]:
    """Give what puts a forked process behind the wall, everything imported beforehand.

    Args:
        settings: the engine's.

    Returns:
        A function of the descriptor that stays open.
    """
    from autograder.engines.judge.confine import Limits, confine, prepare

    paths = tuple(Path(path) for path in settings["read_only"])
    prepare(settings["wall"], paths)
    limits = Limits(**settings["limits"])
    return lambda descriptor: confine(settings["wall"], descriptor, paths, {}, limits)


def prepare_judge(settings: dict[str, Any]) -> Callable[[socket.socket], None]:
    """Import what judging takes.

    Args:
        settings: the engine's.

    Returns:
        What a child does with its connection.
    """
    from autograder.engines.judge.channel import (
        HELLO,
        receive_descriptors,
        receive_json,
        send_json,
    )
    from autograder.engines.judge.judging import Job, judge, read_ahead
    from autograder.engines.judge.session import Session

    read_ahead(settings["cells"])

    def begin(connection: socket.socket) -> None:
        connection.sendall(HELLO)
        job = Job.from_plain(receive_json(connection))
        _limit_memory(settings["memory_mb"])

        def connect(own_classes: frozenset[str]) -> Session:
            send_json(connection, {"student": True})
            message, descriptors = receive_descriptors(connection, 2)
            if len(descriptors) != 2:
                raise OSError(message[1:].decode("utf-8", "replace"))
            return Session(socket.socket(fileno=descriptors[0]), descriptors[1], own_classes)

        try:
            findings = judge(job, connect)
        except Exception as error:
            problem = f"the judge could not go on ({type(error).__name__}: {error})"
            findings = {"problem": problem[:500], "unfinished": True}
        send_json(connection, {"findings": findings})
        os._exit(0)

    return begin


def _limit_memory(megabytes: int) -> None:
    """Limit what this process may take beyond what it shares with the warm one."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmData"))
    most = int(line.split()[1]) * 1024 + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    avoid_imports()
    with os.fdopen(int(sys.argv[2]), "rb") as told:
        said = json.load(told)
    main(said, socket.socket(fileno=int(sys.argv[3])))
