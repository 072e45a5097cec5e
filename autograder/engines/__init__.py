"""Ways to grade a submission; each engine is a package or module beside this file.

An engine is given a notebook that has been taken apart and put together again on the instructor's
cells (`autograder.submissions`), and answers with `Findings`: plain data, checked by the caller.
"""

import threading
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.errors import CourseError
from autograder.wall import Sandbox

ENGINES = ("judge", "nbgrader")
DEFAULT_ENGINE = "judge"


class _Finding(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Output(_Finding):
    """One output of a cell: text, an error, or a picture (PNG, base64)."""

    kind: Literal["text", "error", "picture"]
    name: str = ""
    text: str = ""
    traceback: list[str] = Field(default_factory=list)


class Frame(_Finding):
    """One line of a notebook's cell that was running when an error was raised."""

    cell: int
    line: int
    function: str | None = None


class CellFinding(_Finding):
    """How one cell ran; `cell` is its position in the notebook."""

    cell: int
    error: str | None = None
    message: str = ""
    frames: list[Frame] = Field(default_factory=list)
    outputs: list[Output] = Field(default_factory=list)
    seconds: float | None = None
    timed_out: bool = False
    truncated: bool = False


class Findings(_Finding):
    """What an engine found out about one submission; not to be trusted before it is checked.

    `notes` are remarks for the student and the report. `unfinished` says that the problem is the
    grader's own: it was killed, or could not start.
    """

    scores: dict[str, float | None] = Field(default_factory=dict)
    cells: list[CellFinding] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    problem: str | None = None
    unfinished: bool = False


class Grader(Protocol):
    """An engine that is ready for the submissions of one week; used from several threads."""

    def grade(self, notebook: dict, stop: threading.Event) -> Findings:
        """Grade one notebook; never raises for anything that a submission does."""


class Engine(Protocol):
    """One way to grade."""

    name: str
    warning: str

    def wall(self, sandbox: Sandbox) -> str:
        """Name the wall that stands round a submission; CourseError where none can be built."""

    def prepare(
        self, course: Course, assignment: Assignment, sandbox: Sandbox
    ) -> AbstractContextManager[Grader]:
        """Do once what all submissions of a week need."""


def find_engine(name: str) -> Engine:
    """Find an engine by its name.

    Args:
        name: as in `ENGINES`.

    Returns:
        The engine.

    Raises:
        CourseError: there is none of this name.
    """
    if name == "nbgrader":
        from autograder.engines.reference.engine import ReferenceEngine

        return ReferenceEngine()
    if name == "judge":
        from autograder.engines.judge.engine import JudgeEngine

        return JudgeEngine()
    raise CourseError(f"There is no engine {name!r}.", f"Engines: {', '.join(ENGINES)}.")
