"""Make the demo's class, grade it, write its pages, and compare with what each member deserves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.bundle import make_bundle
from autograder.course import Course, Week
from autograder.demo.material import Material, read_material
from autograder.demo.members import CLASS, Member
from autograder.demo.stage import hand_in, make_stage
from autograder.engines import DEFAULT_ENGINE
from autograder.feedback import write_feedback
from autograder.grading import grade_week
from autograder.lesson import Lesson
from autograder.records import SubmissionRecord
from autograder.report import write_report
from autograder.wall import Sandbox

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Result:
    """What became of one member of the class.

    Attributes:
        member: the member.
        record: what grading found out.
        deserved: points by test, derived by hand.
    """

    member: Member
    record: SubmissionRecord
    deserved: dict[str, float]

    @property
    def differences(self) -> list[str]:
        """Everything that did not come out as deserved, one sentence each."""
        found = {test.grade_id: test.points for test in self.record.tests}
        sentences = [
            f"{test}: {found.get(test, 0):g} points, deserved {self.deserved.get(test, 0):g}"
            for test in dict.fromkeys([*self.deserved, *found])
            if found.get(test, 0) != self.deserved.get(test, 0)
        ]
        if self.record.status != self.member.status:
            sentences.append(f"status {self.record.status}, expected {self.member.status}")
        if self.member.shows and self.member.shows not in everything_said(self.record):
            sentences.append(f"nowhere does it say {self.member.shows!r}")
        return sentences


@dataclass
class Outcome:
    """Where everything lies, and how each member did.

    Attributes:
        stage: the demo's course.
        bundle: what students got.
        left_out: members that are not graded without a wall.
        results: one for each member that was graded.
        feedback: pages by member's folder.
        report: the class report, None where nothing was graded.
    """

    stage: Course
    bundle: Path
    left_out: list[Member] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    feedback: dict[str, Path] = field(default_factory=dict)
    report: Path | None = None

    @property
    def as_deserved(self) -> bool:
        """Whether everybody got exactly the points deserved."""
        return bool(self.results) and not any(result.differences for result in self.results)


def make_class(
    course: Course, week: Week, target: Path, members: Sequence[Member] = CLASS
) -> tuple[Outcome, Material]:
    """Lay out the demo's course with the release and everybody's submission; grade nothing.

    Args:
        course: the real course; nothing of it is changed.
        week: the week.
        target: the demo's folder; an earlier demo there is replaced.
        members: the class.

    Returns:
        The outcome so far, and what the notebooks were made of.
    """
    stage = make_stage(course, week, target)
    bundle = make_bundle(stage, week, stage.root / "release")
    secrets = (
        stage.root / "solutions",
        stage.private / "gradebook.db",
        stage.private / "submitted" / members[0].folder,
        course.root / "solutions",
        course.private / "gradebook.db",
    )
    material = read_material(course, week, bundle, secrets)
    hand_in(stage, week, members, material)
    return Outcome(stage, bundle), material


def grade_class(
    outcome: Outcome,
    week: Week,
    lesson: Lesson,
    *,
    members: Sequence[Member] = CLASS,
    engine: str = DEFAULT_ENGINE,
    sandbox: Sandbox = "bubblewrap",
    workers: int = 2,
    progress: Progress | None = None,
) -> Outcome:
    """Grade the class, write feedback and report, and hold the points against the deserved ones.

    Args:
        outcome: what `make_class` returned; it is filled in.
        week: the week.
        lesson: the week's lesson.
        members: the class.
        engine: name of the engine.
        sandbox: the wall; without one the hostile members are left out.
        workers: how many submissions at once.
        progress: called with (graded, all).

    Returns:
        The outcome.
    """
    confined = sandbox != "none"
    outcome.left_out = [m for m in members if m.hostile and not confined]
    graded = {member.folder: member for member in members if member not in outcome.left_out}
    records = grade_week(
        outcome.stage,
        week,
        engine=engine,
        sandbox=sandbox,
        workers=workers,
        students=sorted(graded),
        progress=lambda done, total, _: progress(done, total) if progress else None,
    )
    outcome.feedback = write_feedback(outcome.stage, week, records)
    outcome.report = write_report(outcome.stage, week, records)
    outcome.results = [
        Result(graded[r.student], r, deserved_points(graded[r.student], lesson)) for r in records
    ]
    return outcome


def deserved_points(member: Member, lesson: Lesson) -> dict[str, float]:
    """Give a member's points by test.

    Args:
        member: the member, who says which tests must fail.
        lesson: the lesson, which says what each test is worth.

    Returns:
        Points by the test's id; 0 for each where the submission cannot be graded.
    """
    deserved = {}
    for exercise in lesson.exercises:
        for test in exercise.tests:
            name = test.grade_id or ""
            deserved[name] = 0.0 if member.fails_test(name, exercise.name) else test.points
    return deserved


def everything_said(record: SubmissionRecord) -> str:
    """Put together all text of a record.

    Args:
        record: the record.

    Returns:
        Problem, notes, messages and outputs, a line each.
    """
    texts = [record.problem or "", *record.notes]
    texts += [test.message for test in record.tests]
    texts += [text for cell in record.cells for text in (cell.error or "", cell.output)]
    return "\n".join(texts)
