"""Grading on many machines: dask hands out notebooks, one at a time, to whoever is free.

Only this process writes. A worker that dies loses nothing: dask gives its notebooks to another.
"""

import contextlib
import hashlib
import json
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.engines import Findings
from autograder.errors import CourseError
from autograder.scratch import scratch, secret_scratch
from autograder.wall import Sandbox

LOCAL = "local"  # in place of an address: workers on this machine
AT_ONCE = 128  # notebooks that are handed to the scheduler at a time
LOOK_EVERY = 0.2  # seconds between two looks whether to stop
WAIT_FOR_SCHEDULER = 10  # seconds
FETCH = 1.0  # seconds for a result to come over, before it is asked whether to stop
DEATHS = 5  # of a local worker, under one and the same notebook

Say = Callable[[str], None]


class FarmEngine:
    """An engine's work, handed out to workers.

    Args:
        engine: name of the engine that the workers use.
        scheduler: the address of dask's scheduler, or "local".
        workers: how many to start where they are local.
        say: takes sentences for whoever waits.
    """

    warning = ""

    def __init__(self, engine: str, scheduler: str, workers: int, say: Say | None = None) -> None:
        if engine != "judge":
            raise CourseError(
                f"The farm does not grade with the engine {engine!r}.",
                "Use `--engine judge` with `--scheduler`.",
            )
        self.name = engine
        self._scheduler = scheduler
        self._workers = workers
        self._say = say or (lambda sentence: None)

    def wall(self, sandbox: Sandbox) -> str:
        """Name the wall: each worker builds the best one of its own machine."""
        return "none" if sandbox == "none" else "the worker's"

    @contextmanager
    def prepare(
        self, course: Course, assignment: Assignment, sandbox: Sandbox
    ) -> Iterator["FarmGrader"]:
        """Find the workers and tell them about the week; they warm up at their first notebook.

        Args:
            course: the course.
            assignment: the week.
            sandbox: the wall that workers build.

        Yields:
            What grades the week's submissions.

        Raises:
            CourseError: no scheduler answers, or its workers cannot run the course.
        """
        from autograder.farm_worker import GraderPlugin

        local = self._scheduler == LOCAL
        with self._client(course) as client:
            self._say(f"dask's dashboard: {client.dashboard_link}")
            self._say(f"workers so far: {len(client.scheduler_info(n_workers=-1)['workers'])}")
            name = _plugin_name(course, assignment)
            plugin = GraderPlugin(course, assignment, self.name, sandbox, local=local)
            try:
                client.register_plugin(plugin, name=name)
            except Exception as error:
                raise CourseError(
                    f"The workers cannot load the course's code ({type(error).__name__}: {error}).",
                    "Start them with the course's Python, the course installed in it.",
                ) from None
            try:
                yield FarmGrader(client, name, assignment.week.folder)
            finally:
                with contextlib.suppress(Exception):  # the scheduler may be gone
                    client.unregister_worker_plugin(name)

    @contextmanager
    def _client(self, course: Course) -> Iterator[Any]:
        import dask
        from distributed import Client, LocalCluster

        quiet = logging.getLogger("distributed")
        quiet.setLevel(logging.CRITICAL)
        with contextlib.ExitStack() as stack:
            if self._scheduler == LOCAL:
                folder = stack.enter_context(scratch("farm", secret_scratch(course.private)))
                stack.enter_context(dask.config.set(_LOCAL_SETTINGS))
                stack.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")  # the dashboard's port may be taken: it moves
                cluster = stack.enter_context(
                    LocalCluster(
                        n_workers=self._workers,
                        threads_per_worker=1,
                        processes=True,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:8787",
                        local_directory=str(folder),
                        memory_limit=0,
                        silence_logs=logging.CRITICAL,
                    )
                )
                yield stack.enter_context(Client(cluster))
                return
            try:
                client = Client(self._scheduler, timeout=WAIT_FOR_SCHEDULER)
            except (OSError, ValueError) as error:
                raise CourseError(
                    f"No scheduler of dask's answers at {self._scheduler} ({error}).",
                    "Start one with `dask scheduler`, and workers with `dask worker ADDRESS "
                    "--nthreads 1 --nworkers 2`; or use `--scheduler local`.",
                ) from None
            yield stack.enter_context(client)


_LOCAL_SETTINGS = {
    "distributed.scheduler.allowed-failures": DEATHS,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
}


class FarmGrader:
    """Grades the submissions of one week on the farm; see `FarmEngine.prepare`."""

    def __init__(self, client: Any, plugin: str, week: str) -> None:
        self._client = client
        self._plugin = plugin
        self._week = week

    def grade(self, notebook: dict[str, Any], stop: threading.Event) -> Findings:
        """Have one notebook graded by some worker.

        Args:
            notebook: the notebook, on the instructor's cells.
            stop: takes the notebook back when set.

        Returns:
            What came of it.

        Raises:
            CourseError: the scheduler is gone, or a worker's machine cannot grade.
        """
        from concurrent.futures import CancelledError

        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        from autograder.farm_worker import grade_on_worker

        key = f"{self._week}-{uuid4().hex}"  # no name of a student's on the dashboard
        future = self._client.submit(grade_on_worker, self._plugin, json.dumps(notebook), key=key)
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        try:
            while True:
                if done.wait(LOOK_EVERY):
                    # a result is lost with its worker, even now: then it is waited for again
                    with contextlib.suppress(TimeoutError):
                        return Findings.model_validate_json(future.result(timeout=FETCH))
                if stop.is_set():
                    future.cancel()
                    return Findings(problem="grading was interrupted", unfinished=True)
        except ValidationError:
            return Findings(problem="grading ended with results that are not valid")
        except KilledWorker:
            return Findings(problem="the workers that graded it were killed", unfinished=True)
        except (CancelledError, FutureCancelledError):
            if stop.is_set():
                return Findings(problem="grading was interrupted", unfinished=True)
            raise CourseError(
                "dask's scheduler has ended in the middle.",
                "What was finished is kept: start it again, then run this again.",
            ) from None
        finally:
            future.release()


def _plugin_name(course: Course, assignment: Assignment) -> str:
    """Name a week's plugin, so that the next run replaces what a killed one left."""
    place = hashlib.sha256(str(course.root).encode()).hexdigest()[:12]
    return f"course-{place}-{assignment.week.folder}"
