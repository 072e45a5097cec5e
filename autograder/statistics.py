"""What a class's records say about a week: points, difficulty, discrimination, mistakes.

Pure functions from records to numbers; the pages are made elsewhere.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel

from autograder.lesson import Lesson
from autograder.records import SubmissionRecord, TestRecord

ENOUGH_FOR_DISCRIMINATION = 30
"""Below this many graded submissions an item–rest correlation is mostly chance (±0.36 at 30)."""

_FEWEST_FOR_INTERVAL = 4
_ITEM = re.compile(r"\s*\(item \d+\)$")  # which of several results was wrong: no reason of its own
_STUB_SAYS = "is not written yet"


@dataclass(frozen=True)
class ExerciseOutline:
    """An exercise as grading sees it: its name and the ids of its test cells, in order."""

    name: str
    tests: tuple[str, ...]
    points: float


def outline(lesson: Lesson) -> tuple[ExerciseOutline, ...]:
    """Take from a lesson what pages about grading need.

    Args:
        lesson: the lesson as read from its source.

    Returns:
        Its exercises in the order of the notebook.
    """
    return tuple(
        ExerciseOutline(
            exercise.name,
            tuple(cell.grade_id for cell in exercise.tests if cell.grade_id),
            exercise.points,
        )
        for exercise in lesson.exercises
    )


class ExerciseSummary(BaseModel):
    """How the class did in one exercise; shares are of the graded submissions."""

    name: str
    points: float
    mean_points: float | None
    full: int
    part: int
    none: int
    timed_out: int
    not_written: int
    """Students who left the exercise as it was released."""
    difficulty: float | None
    """Mean share of the points, 0 (nobody got any) to 1 (all got all)."""
    discrimination: float | None
    """Item–rest correlation; None where one of the two does not vary."""
    discrimination_interval: tuple[float, float] | None


class FailingCheck(BaseModel):
    """A check that failed in the same way for some students."""

    exercise: str
    tests: list[str]
    message: str
    students: int
    share: float


class WrittenSummary(BaseModel):
    """How far the grading by hand of one written question has come."""

    grade_id: str
    max_points: float
    graded: int
    open: int
    mean_points: float | None


class Problem(BaseModel):
    """One line about one student: what went wrong, or what was noted about the notebook."""

    student: str
    status: str
    line: str


class StudentRow(BaseModel):
    """One student in the table of all."""

    student: str
    status: str
    points: float
    points_by_hand: float
    open_by_hand: int
    exercises: list[float | None]
    seconds: float
    notes: list[str]


class ClassSummary(BaseModel):
    """Everything the report of one week shows, and `course report --json` prints."""

    course: str
    week: str
    title: str
    submissions: int
    statuses: dict[str, int]
    graded: int
    points_by_checks: float
    points_by_hand: float
    mean: float | None
    median: float | None
    standard_deviation: float | None
    chance_correlation: float | None
    """Item–rest correlations up to this size come from chance alone in one case of twenty."""
    exercises: list[ExerciseSummary]
    failing_checks: list[FailingCheck]
    timed_out_tests: int
    timed_out_students: list[str]
    written: list[WrittenSummary]
    seconds_median: float | None
    seconds_longest: float | None
    seconds_total: float
    problems: list[Problem]
    students: list[StudentRow]


def checked_points(record: SubmissionRecord) -> float:
    """Points from test cells alone, without written answers.

    Args:
        record: one submission.

    Returns:
        The sum over its tests.
    """
    return sum(test.counted for test in record.tests)


def exercise_points(record: SubmissionRecord, exercise: ExerciseOutline) -> float:
    """Points of one submission in one exercise.

    Args:
        record: one submission.
        exercise: the exercise.

    Returns:
        The sum over the exercise's tests; a test without a record counts 0.
    """
    wanted = set(exercise.tests)
    return sum(test.counted for test in record.tests if test.grade_id in wanted)


def item_rest_correlation(item: np.ndarray, total: np.ndarray) -> float | None:
    """Correlate an exercise's points with the points in everything else.

    The rest, not the total, so that an exercise is not correlated with itself (Henrysson 1963,
    Psychometrika 28, "Correction of item-total correlations in item analysis").

    Args:
        item: points in the exercise, shape (N,).
        total: points in all exercises, shape (N,).

    Returns:
        Pearson's r, or None for fewer than three students or where item or rest is constant.
    """
    rest = total - item
    if len(item) < 3 or np.ptp(item) < 1e-9 or np.ptp(rest) < 1e-9:
        return None
    return float(np.clip(np.corrcoef(item, rest)[0, 1], -1.0, 1.0))


def correlation_interval(r: float, n: int) -> tuple[float, float] | None:
    """Give the 95 % interval of a correlation by Fisher's z-transform (Fisher 1921).

    Args:
        r: the correlation found, −1 to 1.
        n: number of pairs.

    Returns:
        Lower and upper end, or None for fewer than four pairs.
    """
    if n < _FEWEST_FOR_INTERVAL:
        return None
    z = math.atanh(min(max(r, -0.999999), 0.999999))
    half = 1.96 / math.sqrt(n - 3)
    return math.tanh(z - half), math.tanh(z + half)


def first_line(message: str) -> str:
    """The sentence of a check's message, which is what groups failures that are alike.

    Args:
        message: the whole message.

    Returns:
        Its first line that is not empty, or a remark that there is none.
    """
    return next((line.strip() for line in message.splitlines() if line.strip()), "(no message)")


def failing_checks(
    graded: Sequence[SubmissionRecord], exercises: Sequence[ExerciseOutline]
) -> list[FailingCheck]:
    """Group failed tests by exercise and first message line; untouched answers are left out.

    Args:
        graded: the graded submissions.
        exercises: the week's exercises.

    Returns:
        The groups, the commonest first; a student counts once in each.
    """
    home = {test: exercise.name for exercise in exercises for test in exercise.tests}
    students: dict[tuple[str, str], set[str]] = {}
    tests: dict[tuple[str, str], set[str]] = {}
    for record in graded:
        for test in record.tests:
            if test.passed or is_not_written(test):
                continue
            group = home.get(test.grade_id, ""), _reason(test)
            students.setdefault(group, set()).add(record.student)
            tests.setdefault(group, set()).add(test.grade_id)
    ordered = sorted(students, key=lambda group: (-len(students[group]), group))
    return [
        FailingCheck(
            exercise=group[0],
            tests=sorted(tests[group]),
            message=group[1],
            students=len(students[group]),
            share=len(students[group]) / len(graded),
        )
        for group in ordered
    ]


def is_not_written(test: TestRecord) -> bool:
    """Say whether a test failed because its answer is still the stub.

    Args:
        test: a test's record.

    Returns:
        True for the stub's own error.
    """
    return test.error == "NotImplementedError" and first_line(test.message).endswith(_STUB_SAYS)


def summarise(
    course_title: str,
    week_folder: str,
    week_title: str,
    exercises: Sequence[ExerciseOutline],
    records: Sequence[SubmissionRecord],
) -> ClassSummary:
    """Make the numbers of a week's report.

    Args:
        course_title: title of the course.
        week_folder: folder of the week.
        week_title: title of the week.
        exercises: the week's exercises.
        records: all records of the week; may be empty.

    Returns:
        The summary; statistics over points count graded submissions only.
    """
    graded = [record for record in records if record.status == "graded"]
    totals = np.array([checked_points(record) for record in graded])
    seconds = [record.seconds for record in graded]
    timed_out = [r.student for r in graded if any(test.timed_out for test in r.tests)]
    return ClassSummary(
        course=course_title,
        week=week_folder,
        title=week_title,
        submissions=len(records),
        statuses=dict(Counter(record.status for record in records).most_common()),
        graded=len(graded),
        points_by_checks=sum(exercise.points for exercise in exercises),
        points_by_hand=max(
            (sum(answer.max_points for answer in record.written) for record in graded), default=0.0
        ),
        mean=float(totals.mean()) if len(totals) else None,
        median=float(np.median(totals)) if len(totals) else None,
        standard_deviation=float(totals.std(ddof=1)) if len(totals) > 1 else None,
        chance_correlation=1.96 / math.sqrt(len(graded) - 1) if len(graded) > 4 else None,
        exercises=[_exercise_summary(exercise, graded, totals) for exercise in exercises],
        failing_checks=failing_checks(graded, exercises),
        timed_out_tests=sum(test.timed_out for record in graded for test in record.tests),
        timed_out_students=timed_out,
        written=_written_summaries(graded),
        seconds_median=float(np.median(seconds)) if seconds else None,
        seconds_longest=max(seconds) if seconds else None,
        seconds_total=sum(record.seconds for record in records),
        problems=[
            Problem(student=record.student, status=record.status, line=_problem_line(record))
            for record in records
            if record.problem or record.notes or record.status != "graded"
        ],
        students=[_student_row(record, exercises) for record in records],
    )


def _problem_line(record: SubmissionRecord) -> str:
    if record.problem or record.status != "graded":
        return first_line(record.problem or record.status.replace("_", " "))
    more = len(record.notes) - 1
    return first_line(record.notes[0]) + (f" (and {more} more)" if more else "")


def _reason(test: TestRecord) -> str:
    if test.timed_out:
        return "took longer than the time limit"
    return _ITEM.sub("", first_line(test.message or test.error or ""))


def _exercise_summary(
    exercise: ExerciseOutline, graded: Sequence[SubmissionRecord], totals: np.ndarray
) -> ExerciseSummary:
    reached = np.array([exercise_points(record, exercise) for record in graded])
    full = int(np.sum(reached >= exercise.points - 1e-9))
    none = int(np.sum(reached <= 1e-9))
    discrimination = item_rest_correlation(reached, totals)
    wanted = set(exercise.tests)
    return ExerciseSummary(
        name=exercise.name,
        points=exercise.points,
        mean_points=float(reached.mean()) if len(reached) else None,
        full=full,
        part=len(reached) - full - none,
        none=none,
        timed_out=sum(
            any(test.timed_out and test.grade_id in wanted for test in record.tests)
            for record in graded
        ),
        not_written=sum(
            any(is_not_written(test) and test.grade_id in wanted for test in record.tests)
            for record in graded
        ),
        difficulty=float(reached.mean() / exercise.points)
        if len(reached) and exercise.points > 0
        else None,
        discrimination=discrimination,
        discrimination_interval=(
            None if discrimination is None else correlation_interval(discrimination, len(graded))
        ),
    )


def _written_summaries(graded: Sequence[SubmissionRecord]) -> list[WrittenSummary]:
    questions = {answer.grade_id: answer.max_points for r in graded for answer in r.written}
    summaries = []
    for grade_id, max_points in questions.items():
        answers = [a for record in graded for a in record.written if a.grade_id == grade_id]
        marks = [answer.points for answer in answers if answer.points is not None]
        summaries.append(
            WrittenSummary(
                grade_id=grade_id,
                max_points=max_points,
                graded=len(marks),
                open=len(answers) - len(marks),
                mean_points=sum(marks) / len(marks) if marks else None,
            )
        )
    return summaries


def _student_row(record: SubmissionRecord, exercises: Sequence[ExerciseOutline]) -> StudentRow:
    is_graded = record.status == "graded"
    return StudentRow(
        student=record.student,
        status=record.status,
        points=checked_points(record),
        points_by_hand=sum(answer.points or 0.0 for answer in record.written),
        open_by_hand=sum(answer.points is None for answer in record.written),
        exercises=[exercise_points(record, e) if is_graded else None for e in exercises],
        seconds=record.seconds,
        notes=list(record.notes),
    )
