"""What grading found out: one JSON file for each submission, written by the graders, read by all.

A record is plain data. Feedback, report and gradebook are made from records alone, so that each of
them can be made again at any time without running a student's code.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.scratch import make_private

Status = Literal[
    "graded", "no_notebook", "wrong_name", "unreadable", "too_large", "symlink", "failed"
]

MESSAGE_CHARACTERS = 4000
"""The longest check message, error text or problem line that a record keeps."""


PART = ".part"
LONGEST_NAME = 200  # bytes of a student's name that a file name carries


class Plain(BaseModel):
    """A model that takes only the fields it knows and only finite numbers."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class TestRecord(Plain):
    """How one test cell ended.

    `by_hand` is what a person gave in place of `points`, extra credit included.
    """

    __test__ = False  # not a class of tests, whatever pytest thinks of its name

    grade_id: str
    points: float
    max_points: float
    passed: bool
    message: str = ""
    error: str | None = None
    seconds: float | None = None
    timed_out: bool = False
    truncated: bool = False
    by_hand: float | None = None

    @property
    def counted(self) -> float:
        """The points that count: a person's, where there are some."""
        return self.points if self.by_hand is None else self.by_hand


class WrittenRecord(Plain):
    """A question that is graded by hand; `points` is None until someone has."""

    grade_id: str
    max_points: float
    points: float | None = None


class CellRecord(Plain):
    """A student's cell: what stands in it, what it printed, showed and raised; all of it capped.

    `source` is empty where the text is not the student's or still stands as it was released.
    `pictures` are PNG in base64, not to be trusted before they were decoded; `left_out` counts
    those that were too many or too large to keep.
    """

    grade_id: str | None = None
    kind: Literal["code", "markdown"] = "code"
    source: str = ""
    error: str | None = None
    output: str = ""
    pictures: list[str] = Field(default_factory=list)
    left_out: int = 0


class SubmissionRecord(Plain):
    """Everything that grading one submission found out.

    `problem` is one line for the report, None where all went well; `notes` are remarks for the
    student; `untouched` are the answers that still stand as they were released. `sha256` names
    the submitted file's content, and `source_sha256` what it was graded against: a change of
    either makes the record stale. `unfinished` says that the grader failed, not the submission:
    the next run grades it again. `merged` says that the gradebook has these marks. `comments` are
    what people wrote beside an answer there, by the answer's name.
    """

    week: str
    student: str
    engine: str
    sandbox: str
    graded_at: str
    sha256: str = ""
    source_sha256: str = ""
    status: Status = "graded"
    problem: str | None = None
    notes: list[str] = Field(default_factory=list)
    tests: list[TestRecord] = Field(default_factory=list)
    written: list[WrittenRecord] = Field(default_factory=list)
    cells: list[CellRecord] = Field(default_factory=list)
    untouched: list[str] = Field(default_factory=list)
    comments: dict[str, str] = Field(default_factory=dict)
    seconds: float = 0.0
    unfinished: bool = False
    merged: bool = False

    @property
    def points(self) -> float:
        """Points so far, a person's before the tests'; a written answer counts once it has some."""
        return sum(test.counted for test in self.tests) + sum(
            answer.points for answer in self.written if answer.points is not None
        )

    @property
    def max_points(self) -> float:
        """Points that could be had, written answers included."""
        return sum(test.max_points for test in self.tests) + sum(
            answer.max_points for answer in self.written
        )

    @property
    def awaits_hand_grading(self) -> bool:
        """Whether a written answer still has no mark."""
        return any(answer.points is None for answer in self.written)


def records_folder(course: Course, week: Week) -> Path:
    """Where the records of a week lie."""
    return course.private / "records" / week.folder


def record_path(course: Course, week: Week, student: str) -> Path:
    """Where the record of one submission lies."""
    name = student.encode()
    if len(name) > LONGEST_NAME:
        student = f"{name[:LONGEST_NAME].decode(errors='ignore')}-{sha256_of(name)[:12]}"
    return records_folder(course, week) / f"{student}.json"


def write_record(course: Course, week: Week, record: SubmissionRecord) -> Path:
    """Write a record so that at any moment either the old or the new one is there, whole.

    Args:
        course: the course.
        week: the week that was graded.
        record: the record to keep.

    Returns:
        The file.
    """
    path = record_path(course, week, record.student)
    make_private(path.parent)
    with whole_file(path) as temporary:
        temporary.write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file beside its place, then put it there in one step, old or new but never half.

    Args:
        path: where it is to lie; its folder exists.

    Yields:
        The file to write to.

    Raises:
        OSError: it cannot be written; with the file's name.
    """
    temporary = path.with_name(PART)  # one writer: what a killed one left is written over
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError) and error.errno and error.filename is None:  # a full disk
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def read_record(course: Course, week: Week, student: str) -> SubmissionRecord | None:
    """Read one record.

    Args:
        course: the course.
        week: the week that was graded.
        student: the student's name as in `submitted/`.

    Returns:
        The record, or None where the student has none yet.

    Raises:
        CourseError: the file is not a record.
    """
    return _read(record_path(course, week, student), week)


def _read(path: Path, week: Week) -> SubmissionRecord | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return SubmissionRecord.model_validate_json(text)
    except ValidationError as error:
        raise CourseError(
            f"{path}: this is not a grading record ({error.error_count()} mistakes in it).",
            f"Delete the file and run `course grade {week.folder}` again.",
        ) from error


def read_records(course: Course, week: Week) -> list[SubmissionRecord]:
    """Read all records of a week.

    Args:
        course: the course.
        week: the week that was graded.

    Returns:
        One record for each graded submission, by student name; empty where nothing was graded.

    Raises:
        CourseError: one of the files is not a record.
    """
    folder = records_folder(course, week)
    files = folder.glob("*.json") if folder.is_dir() else ()
    records = (_read(path, week) for path in files if not path.name.startswith("."))
    return sorted((record for record in records if record), key=lambda record: record.student)


def sha256_of(content: bytes) -> str:
    """Name a content by its SHA-256."""
    return hashlib.sha256(content).hexdigest()
