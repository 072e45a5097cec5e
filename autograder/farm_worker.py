"""The half of the farm that runs in a worker: warm processes of its own, one notebook at a time.

A worker hands back findings and writes nothing, so that a notebook which is done twice is written
once, and a worker that is killed leaves nothing half written.
"""

import asyncio
import contextlib
import json
import signal
import socket
import threading
from typing import Any

from distributed import WorkerPlugin, get_worker

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.engines import Grader, find_engine
from autograder.errors import CourseError
from autograder.wall import Sandbox


class GraderPlugin(WorkerPlugin):
    """What each worker is given once: the week, from which it warms up at its first notebook.

    Args:
        course: the course; its folder is where the worker finds it, too.
        assignment: the week.
        engine: name of the engine.
        sandbox: the wall.
        local: whether the worker shares the keyboard, whose Ctrl-C is not meant for it.
    """

    def __init__(
        self, course: Course, assignment: Assignment, engine: str, sandbox: Sandbox, *, local: bool
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.engine = engine
        self.sandbox = sandbox
        self.local = local

    def setup(self, worker: Any) -> None:
        """Begin; called in the worker."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._warm = contextlib.ExitStack()
        self._grader: Grader | None = None
        if self.local:
            with contextlib.suppress(ValueError):  # not in the main thread
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def teardown(self, worker: Any) -> None:
        """End: what is being graded is given up, the warm processes go."""
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._stop.set()
        with self._lock:
            self._warm.close()
            self._grader = None

    def grade(self, notebook: dict[str, Any]) -> str:
        """Grade one notebook.

        Args:
            notebook: the notebook, on the instructor's cells.

        Returns:
            The findings, as JSON.

        Raises:
            CourseError: this machine cannot grade.
        """
        return self._ready().grade(notebook, self._stop).model_dump_json()

    def _ready(self) -> Grader:
        with self._lock:
            if self._stop.is_set():
                raise CourseError("The run that this notebook belongs to is over.")
            if self._grader is None:
                try:
                    engine = find_engine(self.engine)
                    self._grader = self._warm.enter_context(
                        engine.prepare(self.course, self.assignment, self.sandbox)
                    )
                except CourseError as error:
                    where = f"The worker on {socket.gethostname()}"
                    raise CourseError(f"{where}: {error.message}", error.cure) from None
            return self._grader


def grade_on_worker(plugin: str, notebook: str) -> str:
    """Grade one notebook; the task that dask hands to a worker.

    Args:
        plugin: the name under which the worker has its `GraderPlugin`.
        notebook: the notebook, as JSON.

    Returns:
        The findings, as JSON.
    """
    grader = get_worker().plugins[plugin]
    assert isinstance(grader, GraderPlugin)
    return grader.grade(json.loads(notebook))
