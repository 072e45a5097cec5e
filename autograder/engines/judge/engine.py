"""The half of the engine that starts the others: warm processes, judges, students' processes."""

import ast
import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import autograder
from autograder.assignment import Assignment
from autograder.bundle import make_bundle
from autograder.course import Course, Week
from autograder.engines import Findings
from autograder.engines.judge.channel import (
    REFUSED,
    receive_json,
    send_descriptors,
    send_json,
)
from autograder.engines.judge.confine import available_walls
from autograder.engines.judge.confine.packages import PackageView, package_view
from autograder.engines.judge.processes import WAIT_FOR_CHILD, Fork, WarmProcess
from autograder.errors import CourseError
from autograder.scratch import scratch
from autograder.wall import Sandbox

OWN_PACKAGES = ("IPython", "matplotlib_inline", "msgpack", "numpy", "traitlets")
RESERVE = 15.0  # seconds beyond the notebook's own, for what the judge does itself
LOOK_EVERY = 0.1  # seconds between two looks whether to stop
TOO_LONG = "grading was stopped after {seconds:.0f} s, the limit of the whole notebook"


class JudgeEngine:
    """A judge that runs the tests, and a confined process that runs the student's code.

    Args:
        demos: whether demonstrations are run, too, although nothing graded needs them.
    """

    name = "judge"
    warning = "Tests run in a process of their own; a student's code never sees them."

    def __init__(self, *, demos: bool = False) -> None:
        self.demos = demos

    def wall(self, sandbox: Sandbox) -> str:
        """Name the wall round a student's process: "none", or the best one of this machine.

        Raises:
            CourseError: this machine has none.
        """
        return "none" if sandbox == "none" else best_wall()

    @contextmanager
    def prepare(
        self, course: Course, assignment: Assignment, sandbox: Sandbox
    ) -> Iterator["JudgeGrader"]:
        """Start the warm processes of a week.

        Args:
            course: the course.
            assignment: the week.
            sandbox: "none" for no wall; else the best one that this machine has.

        Yields:
            What grades the week's submissions.
        """
        with scratch("engine") as folder:
            wall = self.wall(sandbox)
            bundle = make_bundle(course, assignment.week, folder / "bundle")
            view = package_view(_packages(assignment.week), folder / "packages")
            settings = _Settings(course, assignment, wall, bundle, view)
            with (
                WarmProcess(settings.of_judges()) as judges,
                WarmProcess(settings.of_students()) as students,
            ):
                judges.wait_until_ready()
                students.wait_until_ready()
                yield JudgeGrader(course, assignment, judges, students, demos=self.demos)


def best_wall() -> str:
    """Choose the wall for students' processes.

    Returns:
        "namespaces" or "landlock".

    Raises:
        CourseError: this machine has neither.
    """
    walls = available_walls()
    for name in ("namespaces", "landlock"):
        if name in walls and walls[name] is None:
            return name
    reasons = "; ".join(f"{name}: {reason}" for name, reason in walls.items() if reason)
    raise CourseError(
        f"No wall can be built on this machine ({reasons}).",
        "`course doctor` says what is missing, deploy/container/README.md how a container helps; "
        "`--sandbox none` grades without a wall.",
    )


class _Settings:
    """What the two warm processes of a week are told."""

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        wall: str,
        bundle: Path,
        view: PackageView,
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.wall = wall
        self.bundle = bundle
        self.view = view
        self.code = Path(autograder.__file__).parents[1]

    def of_judges(self) -> dict[str, Any]:
        """Give those of the judges' process: all that tests import is imported."""
        cells = [cell.source for cell in self.assignment.cells.values() if cell.kind == "code"]
        return {
            "kind": "judge",
            "modules": sorted({*self._given_modules(), *_modules(cells)}),
            "paths": [str(self.course.root), str(self.code)],
            "memory_mb": self.course.limits.memory_mb,
            "cells": self._cells(),
        }

    def _cells(self) -> list[dict[str, Any]]:
        """Give the released cells, and the tests once more with their hidden part."""
        released = _code_cells(self.assignment.notebook, own=False)
        tests = [cell for cell in released if cell["role"] == "test"]
        whole = [{**c, "source": self.assignment.cells[c["grade_id"]].source} for c in tests]
        return [*released, *whole]

    def of_students(self) -> dict[str, Any]:
        """Give those of the students' process: only what the released notebook imports."""
        limits = self.course.limits
        return {
            "kind": "student",
            "only_paths": True,
            "modules": self._given_modules(),
            "paths": [str(self.bundle), str(self.code), str(self.view.folder)],
            "hidden_paths": [str(self.code)],
            "wall": self.wall,
            "read_only": [str(path) for path in (self.bundle, *self.view.paths)],
            "most_text": limits.output_kb * 1024,
            "withheld": withheld_by(self.assignment.week),
            "limits": {
                "seconds": limits.seconds_per_notebook,
                "memory_mb": limits.memory_mb,
                "processes": limits.processes,
            },
        }

    def _given_modules(self) -> list[str]:
        cells = self.assignment.notebook["cells"]
        return sorted(_modules(_text(cell) for cell in cells if cell["cell_type"] == "code"))


def _packages(week: Week) -> set[str]:
    """Name the packages that a student's process can import: the week's, and its own."""
    return {*week.answers, *week.demos, *week.needs, *OWN_PACKAGES}


def _modules(sources: Any) -> set[str]:
    """Name the modules that cells import at any level."""
    found: set[str] = set()
    for source in sources:
        with contextlib.suppress(SyntaxError, ValueError):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
                    found |= {
                        f"{node.module}.{alias.name}" for alias in node.names
                        if node.module == "helpers"
                    }  # fmt: skip
    return found


class JudgeGrader:
    """Grades the submissions of one week; see `JudgeEngine.prepare`."""

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        judges: WarmProcess,
        students: WarmProcess,
        *,
        demos: bool = False,
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.demos = demos
        self._judges = judges
        self._students = students

    def grade(self, notebook: dict[str, Any], stop: threading.Event) -> Findings:
        """Grade one notebook.

        Args:
            notebook: the notebook, on the instructor's cells.
            stop: kills the grading when set.

        Returns:
            What came of it; `problem` says why there is nothing more.
        """
        seconds = self.course.limits.seconds_per_notebook + RESERVE
        deadline = time.monotonic() + seconds
        forks: list[Fork] = []
        try:
            student = self._fork(self._students, forks)  # meanwhile, for the judge will ask for it
            judge = self._fork(self._judges, forks)
            judge.wait()
            control = judge.connection
            job = make_job(self.course, self.assignment, notebook, demos=self.demos)
            send_json(control, job)
            while True:
                if not _wait(control, deadline, stop):
                    if stop.is_set():
                        return Findings(problem="grading was interrupted")
                    return Findings(problem=TOO_LONG.format(seconds=seconds))
                control.settimeout(WAIT_FOR_CHILD)
                message = receive_json(control)
                if "findings" in message:
                    return Findings.model_validate(message["findings"])
                if student.process >= 0:
                    student = self._fork(self._students, forks)
                _hand_over(student, control)
        except ValidationError:
            return Findings(problem="grading ended with results that are not valid")
        except (OSError, EOFError) as error:
            reason = f"grading ended before there was a result ({error})"
            return Findings(problem=reason, unfinished=True)
        finally:
            for fork in forks:
                fork.end()

    def _fork(self, warm: WarmProcess, forks: list[Fork]) -> Fork:
        forks.append(warm.fork())
        return forks[-1]


def _hand_over(student: Fork, control: socket.socket) -> None:
    """Give the judge the connection to a student's process, or the reason why there is none."""
    try:
        student.wait()
    except OSError as error:
        send_descriptors(control, REFUSED + str(error).encode()[:500], [])
    else:
        send_descriptors(control, b"+", [student.connection.fileno(), student.process])


def _wait(control: socket.socket, deadline: float, stop: threading.Event) -> bool:
    while not stop.is_set() and time.monotonic() < deadline:
        if select.select([control], [], [], LOOK_EVERY)[0]:
            return True
    return False


def make_job(
    course: Course, assignment: Assignment, notebook: dict[str, Any], *, demos: bool = False
) -> dict[str, Any]:
    """Describe a submission to the judge.

    Args:
        course: the course, for its limits.
        assignment: the week.
        notebook: the notebook, on the instructor's cells.
        demos: whether demonstrations are run.

    Returns:
        The fields of `autograder.engines.judge.judging.Job`, as JSON.
    """
    limits = course.limits
    return {
        "cells": _code_cells(notebook, own=True),
        "original": _code_cells(assignment.notebook, own=False),
        "seconds_per_cell": limits.seconds_per_cell,
        "seconds_per_notebook": limits.seconds_per_notebook,
        "most_text": limits.output_kb * 1024,
        "withheld": withheld_by(assignment.week),
        "demos": demos,
    }


def withheld_by(week: Week) -> dict[str, Any]:
    """Say which functions a week withholds, as the two processes are told."""
    return {"by": week.spoken, "names": list(week.withheld)}


def _text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _code_cells(notebook: dict[str, Any], *, own: bool) -> list[dict[str, Any]]:
    cells = []
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        grading = cell["metadata"].get("nbgrader", {})
        if grading.get("grade"):
            role = "test"
        elif grading.get("solution"):
            role = "answer"
        else:
            role = "own" if own and not grading else "given"
        cells.append(
            {
                "index": index,
                "role": role,
                "source": _text(cell),
                "grade_id": grading.get("grade_id", ""),
                "points": float(grading.get("points", 0)),
                "tags": cell["metadata"].get("tags", []),
            }
        )
    return cells
