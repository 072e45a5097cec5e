"""What students handed in: found, read safely, and put together again on the instructor's cells.

Nothing here runs a student's code, and nothing that a student hands in stops the others: each
mistake ends as a status and one sentence.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, SourceCell
from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.records import Status
from helpers.notebooks import Cell, Notebook, NotebookError, parse_notebook

SUBMITTED = "submitted"
TIMESTAMP = "timestamp.txt"
LATE = "handed in late"
SHOWN_NAMES = 3
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Submission:
    """A folder that a student handed in for a week.

    Attributes:
        student: the student's name, printable.
        folder: `submitted/STUDENT/WEEK`.
    """

    student: str
    folder: Path


@dataclass(frozen=True)
class Intake:
    """What was found in a submission's folder.

    Attributes:
        status: "graded" where there is a notebook to grade.
        problem: one sentence where there is none.
        sha256: of the notebook file; of what else names the state where it cannot be read.
        notebook: the notebook.
        notes: remarks for the student and the report.
        handed_in: when, in UTC without a zone as nbgrader keeps it, where it is known.
    """

    status: Status
    problem: str | None = None
    sha256: str = ""
    notebook: Notebook | None = None
    notes: list[str] = field(default_factory=list)
    handed_in: datetime | None = None


def find_submissions(
    course: Course, week: Week, students: Sequence[str] | None = None
) -> list[Submission]:
    """List who handed something in for a week.

    Args:
        course: the course.
        week: the week.
        students: only these; all unless given.

    Returns:
        One entry a student, by name.

    Raises:
        CourseError: one of `students` handed nothing in.
    """
    home = course.private / SUBMITTED
    names = sorted(os.listdir(home)) if home.is_dir() else []
    found = [
        Submission(printable(name), home / name / week.folder)
        for name in names
        if not name.startswith(".") and os.path.lexists(home / name / week.folder)
    ]
    if not students:
        return found
    missing = sorted(set(students) - {submission.student for submission in found})
    if missing:
        raise CourseError(
            f"{', '.join(missing)} handed in nothing for {week.folder}.",
            f"Submissions lie in {home}/STUDENT/{week.folder}/{week.name}.ipynb.",
        )
    return [submission for submission in found if submission.student in students]


def printable(name: str) -> str:
    """Write a file's name so that it can be printed and stored; two names stay two."""
    text = os.fsencode(name).replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def read_submission(submission: Submission, assignment: Assignment, most_mb: int) -> Intake:
    """Read what a student handed in; never fails and never follows a link.

    A notebook under another name is graded if it is the only one and carries the week's cells.

    Args:
        submission: the folder.
        assignment: the week.
        most_mb: the largest notebook in MB that is read.

    Returns:
        The notebook, or a status and a sentence that say why there is none.
    """
    wanted = f"{assignment.week.name}.ipynb"
    for folder in (submission.folder, submission.folder.parent):
        if folder.is_symlink():
            return Intake("symlink", f"the folder {printable(folder.name)} is a link: not followed")
    if not submission.folder.is_dir():
        return Intake("no_notebook", f"{assignment.week.folder} is a file where a folder is due")
    try:
        names = sorted(os.listdir(submission.folder))
    except OSError as error:
        return Intake("unreadable", f"the folder cannot be read ({error.strerror})")
    handed_in = _timestamp(submission.folder)
    if wanted in names:
        return _read(submission.folder / wanted, assignment, most_mb, handed_in)
    others = [name for name in names if name.lower().endswith(".ipynb") and name[0] != "."]
    if len(others) == 1:
        intake = _read(submission.folder / others[0], assignment, most_mb, handed_in)
        ids = {cell.grade_id for cell in intake.notebook.cells} if intake.notebook else set()
        if ids & set(assignment.cells):
            note = f"handed in as {printable(others[0])}, not {wanted}: graded all the same"
            return Intake("graded", None, intake.sha256, intake.notebook, [note], intake.handed_in)
    if others:
        shown = ", ".join(printable(name) for name in others[:SHOWN_NAMES])
        more = ", …" if len(others) > SHOWN_NAMES else ""
        problem = f"there is no {wanted}; found {shown}{more}"
        return Intake("wrong_name", problem, handed_in=handed_in)
    shown = ", ".join(printable(name) for name in names[:SHOWN_NAMES]) or "an empty folder"
    return Intake("no_notebook", f"there is no {wanted}; found {shown}", handed_in=handed_in)


def _read(path: Path, assignment: Assignment, most_mb: int, handed_in: datetime | None) -> Intake:
    name = printable(path.name)
    try:
        about = path.lstat()
    except OSError as error:
        return Intake("unreadable", f"{name} cannot be read ({error.strerror})")
    if stat.S_ISLNK(about.st_mode):
        return Intake("symlink", f"{name} is a link: not followed", handed_in=handed_in)
    if not stat.S_ISREG(about.st_mode):
        kind = "a folder" if stat.S_ISDIR(about.st_mode) else "not an ordinary file"
        return Intake("unreadable", f"{name} is {kind}", handed_in=handed_in)
    state = f"{about.st_size}-{about.st_mtime_ns}"
    if about.st_size > most_mb * 2**20:
        problem = f"{name} has {about.st_size / 2**20:.0f} MB; the limit is {most_mb} MB"
        return Intake("too_large", problem, state, handed_in=handed_in)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(most_mb * 2**20 + 1)
    except OSError as error:
        problem = f"{name} cannot be read ({error.strerror})"
        return Intake("unreadable", problem, state, handed_in=handed_in)
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        notebook = parse_notebook(content, name)
    except NotebookError as error:
        return Intake("unreadable", error.message, sha256, handed_in=handed_in)
    return Intake("graded", None, sha256, notebook, handed_in=handed_in)


def _timestamp(folder: Path) -> datetime | None:
    """Read nbgrader's `timestamp.txt`, if there is one that holds a time."""
    from nbgrader.utils import parse_utc

    path = folder / TIMESTAMP
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with open(path, "rb") as file:
            text = file.read(100).decode("ascii").strip()
        return parse_utc(text) if text else None
    except (OSError, ValueError, OverflowError):
        return None


def late_note(handed_in: datetime | None, due: datetime | None) -> str | None:
    """Say by how much a submission came late; whether that costs anything is for people.

    Args:
        handed_in: when, in UTC without a zone.
        due: when it was due, with a zone.

    Returns:
        A note that begins with `LATE`, or None where it was in time or nobody knows.
    """
    if handed_in is None or due is None:
        return None
    minutes = int((handed_in - due.astimezone(UTC).replace(tzinfo=None)).total_seconds() // 60)
    if minutes < 1:  # what is due at 23:59 may come until 23:59:59
        return None
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = [(days, "day"), (hours, "hour"), (0 if days else minutes % 60, "minute")]
    words = " ".join(f"{count} {unit}{'s' * (count != 1)}" for count, unit in parts if count)
    return f"{LATE} by {words}"


@dataclass(frozen=True)
class Rebuilt:
    """A submission on the instructor's cells.

    Attributes:
        notebook: a notebook as JSON: the student's text, the instructor's tests and metadata.
        owners: for each cell its `grade_id`, or None for a cell that carries none.
        notes: what was mended.
    """

    notebook: dict[str, Any]
    owners: list[str | None]
    notes: list[str]

    def is_students(self, cell: int, assignment: Assignment) -> bool:
        """Say whether a cell's text is the student's: all but tests and locked cells."""
        owner = self.owners[cell]
        return owner is None or assignment.cells[owner].role in ("answer", "written")


def rebuild(submitted: Notebook, assignment: Assignment) -> Rebuilt:
    """Put a submission together again: only texts are taken from it, in the student's order.

    What a cell is, its id, points and tags come from the instructor. Of cells with one id the last
    counts, as in nbgrader; the others, and all that the student added, run as ordinary cells. Tests
    and locked cells hold the instructor's text whatever stands in the submission, and what is
    missing is put where it belongs: after the cell before it.

    Args:
        submitted: the notebook as it was read.
        assignment: the week.

    Returns:
        The notebook to grade.
    """
    known = assignment.cells
    last = {cell.grade_id: cell.index for cell in submitted.cells if cell.grade_id in known}
    missing = [grade_id for grade_id in known if grade_id not in last]
    notes = [f"the cell `{grade_id}` is missing" for grade_id in missing]
    doubled = {
        cell.grade_id: None
        for cell in submitted.cells
        if cell.grade_id in known and last[cell.grade_id] != cell.index
    }
    notes += [f"the cell `{grade_id}` is there twice: the last one counts" for grade_id in doubled]
    placed: list[tuple[str | None, dict[str, Any]]] = []
    for cell in submitted.cells:
        grade_id = cell.grade_id
        if grade_id is None or grade_id not in known or last[grade_id] != cell.index:
            placed.append((None, _ordinary_cell(cell)))
            continue
        source = known[grade_id]
        placed.append((grade_id, _graded_cell(source, cell.source)))
        notes += _mended(source, cell)
    for grade_id in missing:
        where = _place_for(grade_id, list(known), [owner for owner, _ in placed])
        placed.insert(where, (grade_id, _graded_cell(known[grade_id], _stand_in(known[grade_id]))))
    cells = [cell for _, cell in placed]
    for index, made in enumerate(cells):
        made["id"] = f"cell-{index}"
    metadata = {"kernelspec": assignment.notebook["metadata"]["kernelspec"]}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return Rebuilt(notebook, [owner for owner, _ in placed], notes)


def _ordinary_cell(cell: Cell) -> dict[str, Any]:
    tags = sorted(cell.tags & {"demo"})
    return _cell(cell.kind, cell.source, {"tags": tags} if tags else {})


def _graded_cell(source: SourceCell, text: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"nbgrader": dict(source.metadata)}
    if source.tags:
        metadata["tags"] = list(source.tags)
    kept = source.source if source.role in ("test", "locked") else text
    return _cell(source.kind, kept, metadata)


def _stand_in(source: SourceCell) -> str:
    """Give the text of a missing answer: none for code, the untouched question's for text."""
    return "" if source.role == "answer" else source.source


def _cell(kind: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def _mended(source: SourceCell, cell: Cell) -> Iterator[str]:
    if cell.kind != source.kind:
        yield f"`{source.grade_id}` had become a {cell.kind} cell: changed back"
    if source.role == "test" and cell.role == "test" and cell.points != source.points:
        yield f"the points of `{source.grade_id}` had been changed: changed back"
    if source.role in ("test", "locked") and _visible(source.source) != _visible(cell.source):
        yield f"the cell `{source.grade_id}` had been edited: the original was run"


def _visible(source: str) -> str:
    kept, hidden = [], False
    for line in source.split("\n"):
        hidden = hidden or "BEGIN HIDDEN TESTS" in line
        if not hidden:
            kept.append(line)
        if "END HIDDEN TESTS" in line:
            hidden = False
    return "\n".join(kept).strip()


def _place_for(grade_id: str, order: list[str], owners: list[str | None]) -> int:
    before = order[: order.index(grade_id)]
    for earlier in reversed(before):
        if earlier in owners:
            return owners.index(earlier) + 1
    return next((place for place, owner in enumerate(owners) if owner in order), len(owners))
