"""Grade a week: what is new or changed, in parallel, so that it can be stopped at any moment.

A record is written as soon as a submission is graded, then its marks are merged into the
gradebook; a run that was stopped between the two makes up for it the next time.
"""

import errno
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from autograder.assignment import Assignment, prepare_assignment
from autograder.autograded import autograded_path, remove_autograded, write_autograded
from autograder.course import Course, Week
from autograder.engines import DEFAULT_ENGINE, CellFinding, Engine, Findings, Grader, find_engine
from autograder.errors import CourseError
from autograder.farm import AT_ONCE, FarmEngine, Say
from autograder.gradebook import open_gradebook
from autograder.handed_in import cell_records
from autograder.lock import alone
from autograder.messages import explain_failure, partial_message
from autograder.records import (
    SubmissionRecord,
    TestRecord,
    WrittenRecord,
    read_record,
    write_record,
)
from autograder.scratch import sweep
from autograder.submissions import (
    LATE,
    Intake,
    Rebuilt,
    Submission,
    find_submissions,
    late_note,
    read_submission,
    rebuild,
)
from autograder.wall import Sandbox

Progress = Callable[[int, int, SubmissionRecord | None], None]
TRIES = 3  # for a submission whose judge is killed
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def grade_week(
    course: Course,
    week: Week,
    *,
    engine: str = DEFAULT_ENGINE,
    sandbox: Sandbox = "bubblewrap",
    workers: int = 2,
    force: bool = False,
    students: Sequence[str] | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
    say: Say | None = None,
) -> list[SubmissionRecord]:
    """Grade the submissions of a week that are new or changed, or whose week has changed.

    Args:
        course: the course.
        week: the week.
        engine: name of the engine.
        sandbox: "bubblewrap" for the engine's own wall, or "none" for no wall at all.
        workers: how many submissions at once.
        force: grade all of them again.
        students: only these.
        progress: called with (done, all, record) after each submission that needed grading, and
            once with (0, all, None) before.
        scheduler: address of a dask scheduler whose workers grade, or "local" for workers of
            dask's on this machine; unless given, this process's own threads hand out the work.
        say: takes sentences for whoever waits, such as where the farm's dashboard is.

    Returns:
        The records of all submissions that were asked for, old and new, by student.

    Raises:
        CourseError: the week, the engine, the wall, a student's name or the scheduler is not
            there; another process grades this week; the gradebook cannot be written.
        OSError: there is no room, or no right to write.
    """
    chosen: Engine = find_engine(engine)
    if scheduler is not None:
        chosen, workers = FarmEngine(engine, scheduler, workers, say), AT_ONCE
    wall = chosen.wall(sandbox)
    submissions = find_submissions(course, week, students)
    sweep(course.private)
    with alone(course, week), prepare_assignment(course, week) as assignment:
        jobs: list[_Job] = []
        kept: list[tuple[_Job, SubmissionRecord]] = []
        for submission in submissions:
            intake = read_submission(submission, assignment, course.limits.notebook_mb)
            old = None if force else read_record(course, week, submission.student)
            job = _Job(course, assignment, submission, intake, engine, wall)
            if old is not None and job.is_current(old):
                kept.append((job, old))
            else:
                jobs.append(job)
        with open_gradebook(course, assignment) as book:
            done: list[SubmissionRecord] = []

            def keep(job: _Job, record: SubmissionRecord, *, fresh: bool) -> None:
                if fresh:
                    write_record(course, week, record)
                before = record.model_copy(deep=True)
                new = not record.merged  # also one that was written, and then the run was killed
                book.merge(record, fresh=new, handed_in=job.intake.handed_in)
                record.merged = True
                late = late_note(job.intake.handed_in, week.due)  # either may change afterwards
                others = [note for note in record.notes if not note.startswith(LATE)]
                record.notes = [late, *others] if late else others
                if record != before:
                    write_record(course, week, record)
                done.append(record)

            for job, old in kept:
                keep(job, old, fresh=False)
            if progress:
                progress(0, len(jobs), None)
            if any(job.rebuilt for job in jobs):
                with (
                    chosen.prepare(course, assignment, sandbox) as grader,
                    closing(_graded(jobs, grader, workers)) as graded,
                ):
                    for number, (job, record) in enumerate(graded, 1):
                        keep(job, record, fresh=True)
                        if progress:
                            progress(number, len(jobs), record)
            else:
                for number, job in enumerate(jobs, 1):
                    keep(job, job.without_engine(), fresh=True)
                    if progress:
                        progress(number, len(jobs), done[-1])
    return sorted(done, key=lambda record: record.student)


def _graded(
    jobs: Sequence["_Job"], grader: Grader, workers: int
) -> Generator[tuple["_Job", SubmissionRecord], None, None]:
    """Grade in threads, each of which waits for a process; hand the records out as they come."""
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        waiting: dict[Future[SubmissionRecord], _Job] = {
            pool.submit(job.run, grader, stop): job for job in jobs
        }
        try:
            while waiting:
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in [future for future in waiting if future in finished]:
                    yield waiting.pop(future), future.result()
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


@dataclass
class _Job:
    """One submission on its way through the engine."""

    course: Course
    assignment: Assignment
    submission: Submission
    intake: Intake
    engine: str
    wall: str

    def __post_init__(self) -> None:
        notebook = self.intake.notebook
        self.rebuilt = rebuild(notebook, self.assignment) if notebook else None

    def is_current(self, old: SubmissionRecord) -> bool:
        """Say whether an old record still tells what grading would find."""
        if old.source_sha256 != self.assignment.sha256:
            return False
        if old.sha256 != self.intake.sha256:
            return False
        if self.rebuilt is None:
            return (old.status, old.problem) == (self.intake.status, self.intake.problem)
        if old.unfinished or old.engine != self.engine or old.status not in ("graded", "failed"):
            return False
        return autograded_path(self.course, self.assignment, old.student).is_file()

    def run(self, grader: Grader, stop: threading.Event) -> SubmissionRecord:
        """Grade the submission; a fault of the grader's own costs this submission only.

        Raises:
            CourseError: nothing can be graded here, whatever the submission.
            OSError: what came of it cannot be written.
        """
        if self.rebuilt is None:
            return self.without_engine()
        started = monotonic()
        findings = self._findings(self.rebuilt, grader, stop)
        if stop.is_set():
            raise KeyboardInterrupt
        try:
            record = self._record(self.rebuilt, findings)
            write_autograded(self.course, self.assignment, record.student, self.rebuilt, findings)
        except OSError:
            raise
        except Exception as error:
            record = self._record(self.rebuilt, _fault(error))
        record.seconds = round(monotonic() - started, 2)
        return record

    def _findings(self, rebuilt: Rebuilt, grader: Grader, stop: threading.Event) -> Findings:
        """Have it graded; again, within the notebook's time, where a process of ours was killed."""
        deadline = monotonic() + self.course.limits.seconds_per_notebook
        for _ in range(TRIES):
            try:
                findings = grader.grade(rebuilt.notebook, stop)
            except CourseError:
                raise
            except Exception as error:
                if isinstance(error, OSError) and error.errno in NO_ROOM:
                    raise
                findings = _fault(error)
            if not findings.unfinished or stop.is_set() or monotonic() > deadline:
                break
        return findings

    def without_engine(self) -> SubmissionRecord:
        """Make the record of a submission in which there is nothing to grade."""
        remove_autograded(self.course, self.assignment, self.submission.student)
        record = self._empty_record()
        record.tests = [
            TestRecord(
                grade_id=test.grade_id,
                points=0,
                max_points=test.points,
                passed=False,
                message=self.intake.problem or "",
            )
            for test in self.assignment.tests
        ]
        return record

    def _empty_record(self) -> SubmissionRecord:
        return SubmissionRecord(
            week=self.assignment.week.folder,
            student=self.submission.student,
            engine=self.engine,
            sandbox=self.wall,
            graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
            sha256=self.intake.sha256,
            source_sha256=self.assignment.sha256,
            status=self.intake.status,
            problem=self.intake.problem,
            notes=list(self.intake.notes),
            written=[
                WrittenRecord(grade_id=cell.grade_id, max_points=cell.points)
                for cell in self.assignment.written
            ],
        )

    def _record(self, rebuilt: Rebuilt, findings: Findings) -> SubmissionRecord:
        record = self._empty_record()
        record.notes += [*rebuilt.notes, *findings.notes]
        texts = {
            owner: rebuilt.notebook["cells"][index]["source"]
            for index, owner in enumerate(rebuilt.owners)
            if owner is not None
        }
        record.untouched = [
            cell.grade_id
            for cell in self.assignment.cells.values()
            if cell.role in ("answer", "written")
            and "demo" not in cell.tags
            and texts[cell.grade_id] == cell.source
        ]
        cells = {f.cell: f for f in findings.cells if 0 <= f.cell < len(rebuilt.owners)}
        if findings.problem is not None:
            record.status, record.problem = "failed", findings.problem
            record.unfinished = findings.unfinished
        for index, owner in enumerate(rebuilt.owners):
            role = self.assignment.cells[owner].role if owner else None
            found = cells.get(index)
            if owner is not None and role == "test":
                record.tests.append(self._test_record(owner, found, rebuilt, findings, cells))
        record.cells = cell_records(rebuilt, cells, self.assignment)
        order = list(self.assignment.cells)
        record.tests.sort(key=lambda test: order.index(test.grade_id))
        return record

    def _test_record(
        self,
        grade_id: str,
        found: CellFinding | None,
        rebuilt: Rebuilt,
        findings: Findings,
        cells: dict[int, CellFinding],
    ) -> TestRecord:
        most = self.assignment.cells[grade_id].points
        points = min(max(findings.scores.get(grade_id) or 0.0, 0.0), most)
        if findings.problem is not None or found is None:
            message = findings.problem or "this test was not run"
            return TestRecord(
                grade_id=grade_id, points=0, max_points=most, passed=False, message=message
            )
        seconds = self.course.limits.seconds_per_cell
        message = explain_failure(found, rebuilt, self.assignment, cells, seconds)
        if not message and points < most and self.engine == "judge":
            message = partial_message(found)
        return TestRecord(
            grade_id=grade_id,
            points=points,
            max_points=most,
            passed=points == most and found.error is None,
            message=message,
            error=found.error,
            seconds=found.seconds,
            timed_out=found.timed_out,
            truncated=found.truncated,
        )


def _fault(error: Exception) -> Findings:
    reason = f"the grader itself failed: {type(error).__name__}: {str(error)[:200]}"
    return Findings(problem=" ".join(reason.split()), unfinished=True)
