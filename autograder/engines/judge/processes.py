"""Warm processes as the engine sees them: started, asked for forks, ended."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from autograder.engines.judge.channel import listen_for_hello, receive_hello, send_descriptors
from autograder.errors import CourseError
from autograder.scratch import make_scratch

WAIT_FOR_CHILD = 30.0  # seconds for a forked process to say that it is there
WAIT_FOR_WARMTH = 120.0
WAIT_FOR_END = 5.0


class WarmProcess:
    """A process that has imported what a week needs; it ends with the context.

    Args:
        settings: see `autograder.engines.judge.warm`; with "only_paths" it finds packages in
            "paths" alone, not where this process finds them.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._kind = settings["kind"]
        self._folder = make_scratch("warm")
        self._log = self._folder / "log"
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        settings = self._settings
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        options = ["-P", "-S"] if settings.get("only_paths") else ["-P"]
        command = [sys.executable, *options, str(Path(__file__).with_name("warm.py")), self._kind]
        with theirs, tempfile.TemporaryFile() as told, self._log.open("wb") as log:
            told.write(json.dumps(settings).encode())  # in a file without a name, not in /proc
            told.seek(0)
            descriptors = [told.fileno(), theirs.fileno()]
            self._process = subprocess.Popen(
                [*command, *map(str, descriptors)],
                env=self._environment(settings["paths"]),
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self, paths: list[str]) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": os.environ.get("HOME", str(self._folder)),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "IPYTHONDIR": f"{self._folder}/ipython",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }

    def __enter__(self) -> "WarmProcess":
        return self

    def __exit__(self, *about: Any) -> None:
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(WAIT_FOR_END)
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Wait until it is warm.

        Raises:
            CourseError: it ended, or takes far too long.
        """
        self._control.settimeout(WAIT_FOR_WARMTH)
        try:
            ready = self._control.recv(16) == b"ready"
        except OSError:
            ready = False
        if not ready:
            said = self._log.read_text("utf-8", "replace").strip().splitlines()
            raise CourseError(
                f"The engine's process for the {self._kind}s did not start "
                f"({said[-1] if said else 'it said nothing'}).",
                "`course doctor` checks this machine.",
            )
        self._control.settimeout(None)

    def fork(self) -> "Fork":
        """Have it forked; may be called from several threads. If it was killed, it is made anew.

        Returns:
            The child, which is on its way.

        Raises:
            OSError: the process is not to be had.
        """
        with self._lock:
            if self._process.poll() is not None:
                self._control.close()
                self._start()
                try:
                    self.wait_until_ready()
                except CourseError as error:
                    raise OSError(error.message) from None
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                listen_for_hello(ours)
                send_descriptors(self._control, b"fork", [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return Fork(ours)


class Fork:
    """A forked process; it is killed at the end.

    Attributes:
        connection: the connection to it.
        process: its pidfd, -1 until it has said that it is there.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.process = -1

    def wait(self) -> None:
        """Wait until the process is there.

        Raises:
            OSError: there is no process, or it could not be confined.
        """
        self.connection.settimeout(WAIT_FOR_CHILD)
        self.process = receive_hello(self.connection)
        self.connection.settimeout(None)

    def end(self) -> None:
        """Kill the process, wherever it is."""
        self.connection.close()
        if self.process >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self.process, signal.SIGKILL)
            os.close(self.process)
            self.process = -1
