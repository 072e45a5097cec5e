"""A week as the graders see it: nbgrader's own release of the trusted solution notebook.

nbgrader's machinery (`generate_assignment` with the course's `nbgrader_config.py`) makes it in a
folder of its own: the released notebook, and a gradebook that holds this week's source cells with
their hidden tests and no student.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autograder.course import Course, Week
from autograder.database import database_errors, sqlite_url
from autograder.errors import CourseError
from autograder.lesson import owner_of_test
from autograder.scratch import scratch, secret_scratch
from autograder.startup import skip_slow_imports

skip_slow_imports()

CONFIGURATION = "nbgrader_config.py"
_RAISED = re.compile(r"[\w.]+(Error|Exception|Interrupt|Exit|Entry)\b")  # ends a traceback
Role = Literal["answer", "test", "written", "locked"]


@dataclass(frozen=True)
class SourceCell:
    """A cell that carries a `grade_id`, as the instructor wrote it and nbgrader keeps it.

    Attributes:
        grade_id: nbgrader's id.
        role: what it is for.
        kind: "code" or "markdown".
        source: its text, hidden tests in it, solutions cut.
        points: 0 unless it is graded.
        metadata: nbgrader's metadata as in an autograded notebook, checksum included.
        tags: Jupyter's tags.
    """

    grade_id: str
    role: Role
    kind: str
    source: str
    points: float
    metadata: dict[str, Any]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """One week, ready to grade against.

    Attributes:
        week: the week.
        gradebook: an SQLite file that nbgrader made: this week's cells and no student.
        notebook: the released notebook, as JSON.
        cells: all cells with a `grade_id`, in the notebook's order.
        sha256: names the week's source and all that its tests depend on.
    """

    week: Week
    gradebook: Path
    notebook: dict[str, Any]
    cells: dict[str, SourceCell]
    sha256: str

    @cached_property
    def tests(self) -> list[SourceCell]:
        """Give the test cells, in order."""
        return [cell for cell in self.cells.values() if cell.role == "test"]

    @cached_property
    def written(self) -> list[SourceCell]:
        """Give the cells that are graded by hand, in order."""
        return [cell for cell in self.cells.values() if cell.role == "written"]

    @cached_property
    def answers(self) -> list[str]:
        """Give the ids of the answer cells, in order."""
        return [cell.grade_id for cell in self.cells.values() if cell.role == "answer"]

    def answer_of(self, test: str) -> str | None:
        """Say which answer a test belongs to."""
        return owner_of_test(test, self.answers)


@contextmanager
def prepare_assignment(course: Course, week: Week) -> Iterator[Assignment]:
    """Make a week ready to grade against, in a temporary folder.

    Args:
        course: the course.
        week: the week.

    Yields:
        The assignment, as long as the context lasts.

    Raises:
        CourseError: the solution notebook is missing or nbgrader cannot release it.
    """
    with scratch("week", secret_scratch(course.private)) as folder:
        gradebook = folder / "gradebook.db"
        with database_errors(sqlite_url(gradebook)):
            _make_tables(gradebook)
        released = generate_assignment(course, week, sqlite_url(gradebook), folder)
        yield read_assignment(course, week, gradebook, released)


def nbgrader_configuration(course: Course) -> Any:
    """Read the course's `nbgrader_config.py` by nbgrader's own means.

    Args:
        course: the course.

    Returns:
        The configuration, a `traitlets.config.Config`.

    Raises:
        CourseError: the file is missing.
    """
    from traitlets.config.loader import PyFileConfigLoader

    if not (course.root / CONFIGURATION).is_file():
        raise CourseError(
            f"There is no {CONFIGURATION} in {course.root}.",
            "It belongs to the course: take it back from version control.",
        )
    return PyFileConfigLoader(CONFIGURATION, path=str(course.root)).load_config()


def generate_assignment(course: Course, week: Week, gradebook: str, folder: Path) -> Path:
    """Have nbgrader release the solution notebook and save its cells in a gradebook.

    Args:
        course: the course.
        week: the week.
        gradebook: its URL; an SQLite file is made where it does not exist.
        folder: where the released notebook is written to; the course's own is left alone.

    Returns:
        The released notebook.

    Raises:
        CourseError: there is no solution notebook, or nbgrader refuses it.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    solution = week.solution(course)
    if not solution.is_file():
        raise CourseError(
            f"{week.folder} has no built solution notebook ({solution}).",
            f"Run `course build {week.folder}` first.",
        )
    source = folder / "source" / week.folder
    source.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(solution, source / f"{week.name}.ipynb")
    configuration = nbgrader_configuration(course)
    configuration.CourseDirectory.root = str(folder)
    configuration.CourseDirectory.source_directory = "source"
    configuration.CourseDirectory.release_directory = "release"
    configuration.CourseDirectory.db_url = gradebook
    log = logging.Logger("generate_assignment")
    said: list[str] = []
    log.addHandler(_Keep(said))
    directory = CourseDirectory(config=configuration, log=log, assignment_id=week.folder)
    try:
        with own_programs():
            GenerateAssignment(
                coursedir=directory, config=configuration, log=log, force=True
            ).start()
    except (NbGraderException, RuntimeError) as error:
        traces = [line for text in said if "Traceback" in text for line in text.splitlines()]
        names = [line for line in traces if _RAISED.match(line)]
        raise CourseError(
            f"nbgrader cannot release {week.folder}: {names[-1] if names else error}",
            f"Run `course lint {week.folder}` and `course build {week.folder}`.",
        ) from error
    return folder / "release" / week.folder / f"{week.name}.ipynb"


def _make_tables(gradebook: Path) -> None:
    """Make an empty gradebook that will be thrown away, without the mark of nbgrader's version.

    nbgrader would start a second Python to find that mark, which only `nbgrader db upgrade` reads.
    """
    from nbgrader.api import Base
    from sqlalchemy import create_engine

    engine = create_engine(sqlite_url(gradebook))
    Base.metadata.create_all(engine)
    engine.dispose()


@contextmanager
def own_programs() -> Iterator[None]:
    """Let nbgrader find `alembic`, which it starts to make a new gradebook, beside our Python."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


class _Keep(logging.Handler):
    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record.getMessage())


def read_assignment(course: Course, week: Week, gradebook: Path, released: Path) -> Assignment:
    """Read what nbgrader made of a week.

    Args:
        course: the course.
        week: the week.
        gradebook: the gradebook that `generate_assignment` filled.
        released: the notebook that it wrote.

    Returns:
        The assignment.
    """
    from nbgrader.api import Gradebook

    notebook = json.loads(released.read_text(encoding="utf-8"))
    with Gradebook(sqlite_url(gradebook)) as book:
        saved = {
            cell.name: (cell.source, cell.checksum)
            for cell in book.find_notebook(week.name, week.folder).source_cells
        }
    cells = {}
    for cell in notebook["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        grade_id = metadata.get("grade_id")
        if grade_id not in saved:
            continue
        source, checksum = saved[grade_id]
        cells[grade_id] = SourceCell(
            grade_id=grade_id,
            role=_role(metadata),
            kind=cell["cell_type"],
            source=source,
            points=float(metadata.get("points", 0)),
            metadata={**metadata, "checksum": checksum},
            tags=tuple(cell["metadata"].get("tags", ())),
        )
    return Assignment(week, gradebook, notebook, cells, _digest(course, week, cells))


def _role(metadata: dict[str, Any]) -> Role:
    if metadata.get("solution"):
        return "written" if metadata.get("grade") else "answer"
    return "test" if metadata.get("grade") else "locked"


def _digest(course: Course, week: Week, cells: dict[str, SourceCell]) -> str:
    digest = hashlib.sha256(json.dumps(week.withheld).encode())
    for cell in cells.values():
        digest.update(json.dumps([cell.metadata, cell.source, cell.tags], sort_keys=True).encode())
    for path in sorted((course.root / "helpers").rglob("*.py")):
        digest.update(path.relative_to(course.root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
