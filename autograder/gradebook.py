"""Marks into nbgrader's gradebook, by nbgrader's own interface and in its schema.

A mark or comment that a person gave stays as it is, and merging the same record twice changes
nothing, so that an instructor can use `nbgrader` and `course` on the same day.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.assignment import (
    Assignment,
    generate_assignment,
    nbgrader_configuration,
    own_programs,
)
from autograder.course import Course
from autograder.database import FILE_NAME, database_errors, is_postgresql, sqlite_url
from autograder.errors import CourseError
from autograder.postgresql import NAME_CHARACTERS, WeekLock, hold_week, make_tables
from autograder.records import MESSAGE_CHARACTERS, SubmissionRecord
from autograder.scratch import make_private, scratch, secret_scratch

NO_RESPONSE = "No response."  # what nbgrader writes beside an untouched answer


def gradebook_path(course: Course) -> Path:
    """Where the course's gradebook lies unless it is in PostgreSQL."""
    return course.private / FILE_NAME


@contextmanager
def open_gradebook(course: Course, assignment: Assignment) -> Iterator["WeekBook"]:
    """Open the course's gradebook for one week; what is missing there is made first.

    In PostgreSQL the week is locked meanwhile, against graders on other machines; on this one, and
    for SQLite, `autograder.lock` does that.

    Args:
        course: the course.
        assignment: the week; its cells are saved by nbgrader's `generate_assignment`.

    Yields:
        What takes the marks.

    Raises:
        CourseError: the week's cells have changed since its submissions were graded, another
            machine grades the week, or the gradebook cannot be written.
    """
    from nbgrader.api import Gradebook

    make_private(course.private)
    week, url = assignment.week, course.gradebook_url
    settings = nbgrader_configuration(course).CourseDirectory
    course_id = settings.get("course_id", "default_course")
    with database_errors(url), ExitStack() as stack:
        lock = None
        if is_postgresql(url):
            lock = stack.enter_context(hold_week(url, week.folder))
            with lock.setting_up():
                with own_programs():
                    make_tables(url)
                _save_cells(course, assignment, course_id, lock)
        else:
            _make_file(course, course_id)
            _save_cells(course, assignment, course_id, None)
        book = stack.enter_context(Gradebook(url, course_id))
        if week.due is not None:
            due = week.due.astimezone(UTC).replace(tzinfo=None)
            book.update_or_create_assignment(week.folder, duedate=due)
        yield WeekBook(book, assignment, lock)


def _make_file(course: Course, course_id: str) -> None:
    """Make SQLite's file: whole, with the mark of nbgrader's version, or not at all."""
    from nbgrader.api import Gradebook

    path = gradebook_path(course)
    if path.exists():
        return
    with scratch("release", secret_scratch(course.private)) as folder:
        new = folder / FILE_NAME
        with database_errors(sqlite_url(new)), own_programs():
            Gradebook(sqlite_url(new), course_id).close()
        new.rename(path)


def _save_cells(
    course: Course, assignment: Assignment, course_id: str, lock: WeekLock | None
) -> None:
    """Have nbgrader save the week's cells unless they are there as they are now."""
    from nbgrader.api import Gradebook

    week, url = assignment.week, course.gradebook_url
    with Gradebook(url, course_id) as book:
        if _saved_cells(book, assignment) == _cells_of(assignment):
            return
    with scratch("release", secret_scratch(course.private)) as folder:
        try:
            generate_assignment(course, week, url, folder)
        except CourseError as error:
            if lock is not None:
                lock.check()  # where the server is gone, that is what is to be said
            raise CourseError(
                f"The gradebook does not take {week.folder} as it is now. {error.message}",
                f"{error.cure} Where cells were added or removed after grading: "
                f"`nbgrader db assignment remove {week.folder} --force` forgets its marks.",
            ) from error


class WeekBook:
    """The gradebook, open at one week; see `open_gradebook`."""

    def __init__(self, book: Any, assignment: Assignment, lock: WeekLock | None) -> None:
        self._book = book
        self._assignment = assignment
        self._lock = lock

    def merge(
        self, record: SubmissionRecord, *, fresh: bool, handed_in: datetime | None = None
    ) -> None:
        """Write one submission's automatic marks, and read what people gave into the record.

        Args:
            record: the record; it gets the marks and comments that people gave.
            fresh: whether it was graded just now. Otherwise only what is missing is written, so
                that a mark that someone has looked at is not put up for grading again.
            handed_in: when, in UTC without a zone, where it is known.
        """
        week = self._assignment.week
        if self._lock is not None:
            self._lock.check()
            if len(record.student) > NAME_CHARACTERS:
                record.problem = record.problem or (
                    f"the name has {len(record.student)} characters, and PostgreSQL's gradebook "
                    f"takes {NAME_CHARACTERS}: not in the gradebook until the folder is renamed"
                )
                return
        self._make_student(record.student)
        known = {} if handed_in is None else {"timestamp": handed_in}
        with (
            warnings.catch_warnings()
        ):  # nbgrader's way of adding rows, which SQLAlchemy remarks on
            warnings.simplefilter("ignore")
            self._book.update_or_create_submission(week.folder, record.student, **known)
        graded = self._book.find_submission_notebook(week.name, week.folder, record.student)
        scores: dict[str, float | None] = {test.grade_id: test.points for test in record.tests}
        for answer in record.written:
            nothing = record.status not in ("graded", "failed")
            empty = nothing or answer.grade_id in record.untouched
            scores[answer.grade_id] = 0.0 if empty else None
        hand_given: dict[str, float | None] = {}
        extra: dict[str, float] = {}
        for grade in graded.grades:
            if grade.name not in scores:
                continue
            score = scores[grade.name]
            if fresh or grade.auto_score != score:
                grade.auto_score = score
                grade.needs_manual_grade = grade.manual_score is not None or score is None
            if grade.manual_score is not None:
                hand_given[grade.name] = grade.manual_score + (grade.extra_credit or 0.0)
            extra[grade.name] = grade.extra_credit or 0.0
        for comment in graded.comments:
            comment.auto_comment = NO_RESPONSE if comment.name in record.untouched else None
        record.comments = {
            comment.name: comment.manual_comment[:MESSAGE_CHARACTERS]
            for comment in graded.comments
            if comment.manual_comment and comment.manual_comment.strip()
        }
        for answer in record.written:
            answer.points = hand_given.get(answer.grade_id, scores[answer.grade_id])
        for test in record.tests:
            credited = test.points + extra[test.grade_id] if extra.get(test.grade_id) else None
            test.by_hand = hand_given.get(test.grade_id, credited)
        self._book.db.commit()  # nothing is read afterwards: no transaction waits for the next one

    def _make_student(self, name: str) -> None:
        from nbgrader.api import InvalidEntry
        from sqlalchemy.exc import IntegrityError

        try:
            self._book.update_or_create_student(name)
        except InvalidEntry as error:
            if not isinstance(error.__context__, IntegrityError):
                raise
            self._book.update_or_create_student(name)  # whoever grades another week was quicker


def _cells_of(assignment: Assignment) -> dict[str, tuple]:
    return {
        cell.grade_id: (cell.source, cell.metadata["checksum"], cell.points)
        for cell in assignment.cells.values()
    }


def _saved_cells(book: Any, assignment: Assignment) -> dict[str, tuple]:
    from nbgrader.api import MissingEntry

    week = assignment.week
    try:
        notebook = book.find_notebook(week.name, week.folder)
    except MissingEntry:
        return {}
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    return {
        cell.name: (cell.source, cell.checksum, points.get(cell.name, 0.0))
        for cell in notebook.source_cells
    }
