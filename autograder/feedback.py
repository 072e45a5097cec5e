"""Feedback: one safe, self-contained HTML page for each student, made from records alone.

It shows points, what the tests say, and the student's own notebook. Of a test it shows the message
and nothing else; lines of hidden tests that a submission managed to print are taken out. Student
text is escaped, or built anew from allow-lists (`feedback_markup`, `feedback_formulas`).
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.advice import advice
from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.feedback_notebook import CellView, notebook_view
from autograder.lesson import Cell, Lesson, read_lesson
from autograder.pages import TextBudget, render, write_page
from autograder.records import SubmissionRecord, TestRecord, WrittenRecord
from autograder.statistics import is_not_written

FOREIGN_TEXT_BYTES = 380_000
"""How much student text one page holds as HTML; with pictures it stays under 1 MB."""

_MESSAGE_CHARACTERS = 3000
_MOST_NOTES = 30
_MOST_TESTS = 300
_SHORTEST_SECRET = 16  # shorter lines of a hidden test are common code and give nothing away
_WITHHELD = "(a line was taken out here: it belongs to a test that stays hidden)"
_CAUSE_MARK = "likely cause:"


@dataclass(frozen=True)
class TestView:
    """One test as the page shows it."""

    title: str
    state: str
    style: str
    points: float
    max_points: float
    sentence: str
    details: str
    cause: str
    by_hand: bool = False


@dataclass(frozen=True)
class ExerciseView:
    """One exercise as the page shows it."""

    name: str
    anchor: str
    points: float
    max_points: float
    tests: tuple[TestView, ...]
    untouched: bool = False
    answer: CellView | None = None
    comment: str = ""

    @property
    def share(self) -> float:
        """Share of the points, 0 to 1."""
        return min(1.0, max(0.0, self.points / self.max_points)) if self.max_points > 0 else 0.0

    @property
    def style(self) -> str:
        """CSS class of its state."""
        if self.untouched:
            return "open"
        return "passed" if self.share == 1 else "failed" if self.share == 0 else "partly"

    @property
    def state(self) -> str:
        """Its state in words."""
        words = {"passed": "complete", "failed": "no points", "partly": "in part"}
        return words.get(self.style, "not written yet")


@dataclass(frozen=True)
class WrittenView:
    """One question that is graded by hand, with what the student wrote."""

    name: str
    anchor: str
    points: float | None
    max_points: float
    answer: CellView | None
    untouched: bool
    comment: str


def write_feedback(
    course: Course,
    week: Week,
    records: Sequence[SubmissionRecord],
    progress: Callable[[str], None] | None = None,
) -> dict[str, Path]:
    """Write the feedback pages of a week, in nbgrader's layout.

    Args:
        course: the course.
        week: the week.
        records: the records to show, one a student.
        progress: called with the student's name after each page.

    Returns:
        For each student the page's path, `private/feedback/STUDENT/WEEK/NAME.html`.

    Raises:
        CourseError: the lesson's source cannot be read, or a student's name cannot be a folder.
    """
    lesson = read_lesson(week.source(course), week)
    pages = {}
    for record in records:
        path = feedback_path(course, week, record.student)
        pages[record.student] = write_page(path, feedback_page(course, week, lesson, record))
        if progress:
            progress(record.student)
    return pages


def feedback_path(course: Course, week: Week, student: str) -> Path:
    """Where the feedback page of a student lies.

    Args:
        course: the course.
        week: the week.
        student: the student's name as in `submitted/`.

    Returns:
        The path.

    Raises:
        CourseError: the name is no name of a folder.
    """
    if student in ("", ".", "..") or "/" in student or "\x00" in student:
        raise CourseError(
            f"{student!r} cannot be the name of a student's folder.",
            "Rename the folder in submitted/ and grade again.",
        )
    return course.private / "feedback" / student / week.folder / f"{week.name}.html"


def feedback_page(course: Course, week: Week, lesson: Lesson, record: SubmissionRecord) -> str:
    """Make one student's page.

    Args:
        course: the course.
        week: the week.
        lesson: the lesson as read from its source.
        record: what grading found out.

    Returns:
        The HTML document.
    """
    budget = TextBudget(FOREIGN_TEXT_BYTES)
    secrets = hidden_lines(lesson)

    def safe(text: str, characters: int = 300) -> str:
        return budget.take(_withhold(text, secrets), characters)

    student = safe(record.student, 100)
    is_graded = record.status == "graded"
    exercises = _exercise_views(lesson, record, safe) if is_graded else ()
    by_checks = sum(test.counted for test in record.tests)
    by_checks_possible = sum(exercise.points for exercise in lesson.exercises)
    written = record.written or [
        WrittenRecord(grade_id=cell.grade_id or "", max_points=cell.points)
        for cell in lesson.written
    ]
    notes = [safe(note) for note in record.notes[:_MOST_NOTES]]
    if len(record.notes) > _MOST_NOTES:
        notes.append(f"… and {len(record.notes) - _MOST_NOTES} more notes of this kind.")
    comments = {name: safe(text, _MESSAGE_CHARACTERS) for name, text in record.comments.items()}
    notebook = notebook_view(record, safe, budget)
    return render(
        "feedback.html.j2",
        generator=f"course feedback {week.folder}",
        course=course.title,
        week=_week_label(week),
        student=student,
        file_name=f"{week.name}.ipynb",
        advice=advice(course, week, record),
        problem="" if is_graded else safe(record.problem or ""),
        points=by_checks + sum(answer.points or 0.0 for answer in record.written),
        possible=by_checks_possible + sum(answer.max_points for answer in written),
        by_checks=by_checks,
        by_checks_possible=by_checks_possible,
        waiting=sum(answer.max_points for answer in written if answer.points is None),
        exercises=[
            replace(e, answer=notebook.named.get(e.name), comment=comments.get(e.name, ""))
            for e in exercises
        ],
        written=[
            WrittenView(
                name=_words(safe(answer.grade_id)),
                anchor=f"written-{number}",
                points=answer.points,
                max_points=answer.max_points,
                answer=notebook.named.get(answer.grade_id),
                untouched=answer.grade_id in record.untouched,
                comment=comments.get(answer.grade_id, ""),
            )
            for number, answer in enumerate(written[:_MOST_TESTS], start=1)
        ],
        notes=notes,
        others=notebook.others,
        others_left_out=notebook.left_out,
        graded_at=safe(record.graded_at.replace("T", " ")[:16]),
        fingerprint=safe(record.sha256[:12]),
    )


def hidden_lines(lesson: Lesson) -> frozenset[str]:
    """Collect the lines of a lesson's hidden tests that no page may show.

    Args:
        lesson: the lesson.

    Returns:
        The lines without surrounding blanks; short ones and those visible elsewhere are left out.
    """
    visible = {line.strip() for cell in lesson.cells for line in cell.visible_source.splitlines()}
    hidden = {line.strip() for cell in lesson.cells for line in cell.hidden_source.splitlines()}
    return frozenset(line for line in hidden - visible if len(line) >= _SHORTEST_SECRET)


def _week_label(week: Week) -> str:
    return f"Week {week.number} · {week.title}" if week.number is not None else week.title


def _words(identifier: str) -> str:
    return identifier.replace("_", " ").strip()


def _withhold(text: str, secrets: frozenset[str]) -> str:
    if not any(secret in text for secret in secrets):
        return text
    return "\n".join(
        _WITHHELD if any(secret in line for secret in secrets) else line
        for line in text.splitlines()
    )


def _exercise_views(
    lesson: Lesson, record: SubmissionRecord, safe: Callable[..., str]
) -> tuple[ExerciseView, ...]:
    tests = {test.grade_id: test for test in record.tests}
    views = []
    for number, exercise in enumerate(lesson.exercises, start=1):
        ids = [(cell.grade_id or "", cell) for cell in exercise.tests]
        found = [tests.pop(name) if name in tests else _not_run(cell) for name, cell in ids]
        views.append(_exercise_view(exercise.name, f"exercise-{number}", found, safe))
    if tests:  # graded with another version of the lesson
        views.append(_exercise_view("Other tests", "other-tests", list(tests.values()), safe))
    return tuple(views)


def _not_run(cell: Cell) -> TestRecord:
    return TestRecord(
        grade_id=cell.grade_id or "",
        points=0.0,
        max_points=cell.points,
        passed=False,
        message="This test has not been run.",
    )


def _exercise_view(
    name: str, anchor: str, tests: Sequence[TestRecord], safe: Callable[..., str]
) -> ExerciseView:
    return ExerciseView(
        name=name,
        anchor=anchor,
        points=sum(test.counted for test in tests),
        max_points=sum(test.max_points for test in tests),
        tests=tuple(_test_view(test, name, safe) for test in tests),
        untouched=bool(tests) and all(is_not_written(test) for test in tests),
    )


def _test_view(test: TestRecord, exercise: str, safe: Callable[..., str]) -> TestView:
    title = _words(safe(test.grade_id.removeprefix("test_").removeprefix(exercise))) or "test"
    if test.timed_out:
        state, style = "took too long", "failed"
    elif test.passed:
        state, style = "passed", "passed"
    elif test.points > 0:
        state, style = "passed in part", "partly"
    else:
        state, style = "not passed", "failed"
    sentence, details, cause = _split_message(safe(test.message, _MESSAGE_CHARACTERS))
    if test.timed_out:
        took = sentence if sentence.startswith("took longer than") else "did not finish in time"
        sentence = (
            f"Stopped: your code {took}. Look for a loop that never ends, or one that a NumPy "
            "operation could replace."
        )
    elif not sentence:
        sentence = safe(test.error or "", 80) or "the test did not pass; it left no message"
    if test.truncated:
        details += "\n(The output was longer; the rest was cut.)"
    if test.passed:
        sentence, details, cause = "", "", ""
    return TestView(
        title,
        state,
        style,
        test.counted,
        test.max_points,
        sentence,
        details.strip("\n"),
        cause,
        test.by_hand is not None,
    )


def _split_message(message: str) -> tuple[str, str, str]:
    """Take a check's message apart: its sentence, what follows, and the likely cause."""
    lines = message.strip("\n").splitlines()
    cause = [line.strip() for line in lines if line.strip().lower().startswith(_CAUSE_MARK)]
    others = [line for line in lines if not line.strip().lower().startswith(_CAUSE_MARK)]
    sentence = others[0].strip() if others else ""
    causes = " ".join(line[len(_CAUSE_MARK) :].strip() for line in cause)
    return sentence, textwrap.dedent("\n".join(others[1:])), causes[:1].upper() + causes[1:]
