"""The half of the reference engine that stays outside: starts the wall, checks what comes back."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import autograder
from autograder.assignment import Assignment, nbgrader_configuration
from autograder.bundle import make_bundle
from autograder.course import Course
from autograder.engines import Findings
from autograder.engines.reference.stream import VARIABLE
from autograder.scratch import scratch
from autograder.wall import Limits, Outcome, Sandbox, Wall, require

RESERVE = 15  # seconds for starting and for what comes after the last cell
ANSWER_MB = 64
ENDINGS = {
    "time": "grading was stopped after {seconds:.0f} s, the limit of the whole notebook",
    "memory": "grading was stopped: its processes used more than {memory_mb} MB of memory together",
    "processes": "grading was stopped: it started more than {processes} processes",
    "output": "grading was stopped: the results are larger than {output_mb} MB",
    "stopped": "grading was interrupted",
}


class ReferenceEngine:
    """nbgrader's autograde, one wall and one kernel for each submission."""

    name = "nbgrader"
    warning = (
        "In this engine a student's code and the hidden tests share a process behind the wall: "
        "code that sets out to can read the tests and earn points it does not deserve."
    )

    def wall(self, sandbox: Sandbox) -> str:
        """Name the wall round a submission; CourseError where it cannot be built here."""
        require(sandbox)
        return sandbox

    @contextmanager
    def prepare(
        self, course: Course, assignment: Assignment, sandbox: Sandbox
    ) -> Iterator["ReferenceGrader"]:
        """Make the week's bundle and the settings that all submissions share.

        Args:
            course: the course.
            assignment: the week.
            sandbox: the wall.

        Yields:
            What grades the week's submissions.
        """
        with scratch("engine") as folder:
            bundle = make_bundle(course, assignment.week, folder)
            settings = _plain(nbgrader_configuration(course))
            settings.pop("CourseDirectory", None)
            yield ReferenceGrader(course, assignment, sandbox, bundle, settings)


class ReferenceGrader:
    """Grades the submissions of one week; see `ReferenceEngine.prepare`."""

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        sandbox: Sandbox,
        bundle: Path,
        settings: dict[str, Any],
    ) -> None:
        self.assignment = assignment
        self.sandbox = sandbox
        self.bundle = bundle
        self.settings = settings
        limits = course.limits
        self.output_bytes = limits.output_kb * 1024
        self.limits = Limits(
            seconds=limits.seconds_per_notebook + RESERVE,
            memory_mb=limits.memory_mb,
            processes=limits.processes,
            file_mb=max(64, limits.notebook_mb),
            output_mb=ANSWER_MB,
        )

    def grade(self, notebook: dict[str, Any], stop: threading.Event) -> Findings:
        """Grade one notebook behind a wall of its own.

        Args:
            notebook: the notebook, on the instructor's cells.
            stop: kills the grading when set.

        Returns:
            What came of it; `problem` says why there is nothing more.
        """
        with scratch("job") as folder:
            job_folder, writable = folder / "job", folder / "scratch"
            job_folder.mkdir()
            writable.mkdir()
            wall = Wall(self.sandbox, writable)
            (job_folder / "submission.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
            (job_folder / "job.json").write_text(json.dumps(self._job(wall, job_folder)))
            command = [sys.executable, "-P", "-m", "autograder.engines.reference.inside"]
            command.append(f"{wall.show(job_folder, '/job')}/job.json")
            environment = self._environment(wall, folder)
            outcome = wall.run(command, self.limits, environment=environment, stop=stop)
        return self.findings(outcome)

    def _job(self, wall: Wall, folder: Path) -> dict[str, Any]:
        week = self.assignment.week
        return {
            "week": week.folder,
            "name": week.name,
            "notebook": f"{wall.show(folder, '/job')}/submission.ipynb",
            "gradebook": wall.show(self.assignment.gradebook, "/week/gradebook.db"),
            "scratch": wall.scratch,
            "configuration": self.settings,
            "confined": self.sandbox == "bubblewrap",
            "limits": asdict(self.limits),
            "seconds": self.limits.seconds - RESERVE,
            "output_bytes": self.output_bytes,
        }

    def _environment(self, wall: Wall, folder: Path) -> dict[str, str]:
        package = Path(autograder.__file__).parent
        if self.sandbox == "none":
            code = folder / "code"  # the package alone, not the folder that it lies in
            code.mkdir()
            (code / "autograder").symlink_to(package)
            paths = [str(self.bundle), str(code)]
        else:
            wall.show(package, "/grader/autograder")
            for part in ("helpers", "data"):
                if (self.bundle / part).is_dir():
                    wall.show(self.bundle / part, f"/week/{part}")
            paths = ["/week", "/grader"]
        return {
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "USER": "student",
            "TZ": "UTC",
            "IPYTHONDIR": f"{wall.scratch}/ipython",
            "MPLCONFIGDIR": f"{wall.scratch}/matplotlib",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            VARIABLE: str(self.output_bytes),
        }

    def findings(self, outcome: Outcome) -> Findings:
        """Check what came back from behind the wall.

        Args:
            outcome: how the grading ended and what it wrote.

        Returns:
            The findings if they are valid; otherwise a problem and nothing else.
        """
        if outcome.ended != "finished":
            return Findings(problem=ENDINGS[outcome.ended].format(**asdict(self.limits)))
        if outcome.returncode != 0 or not outcome.output:
            said = outcome.log.strip().splitlines()
            last = f" ({said[-1][:200]})" if said else ""
            return Findings(problem=f"grading ended before there was a result{last}")
        try:
            return Findings.model_validate_json(outcome.output)
        except ValidationError:
            return Findings(problem="grading ended with results that are not valid")


def _plain(value: Any) -> Any:
    """Turn a configuration into plain data; classes become their dotted names."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    return value if isinstance(value, str | int | float | bool | None) else str(value)
