"""The judge: takes a notebook apart, has its answers run elsewhere, and runs the tests itself.

The test cells and the given cells that run here are the instructor's. A name that an answer should
define is fetched from the student's process for each test cell and is a stand-in there.
"""

import builtins
import contextlib
import linecache
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.engines.judge import faults, hooks, seeds
from autograder.engines.judge.cells import (
    bound_names,
    compiled,
    imports_of,
    is_hidden,
    used_names,
)
from autograder.engines.judge.findings import cell_finding, student_finding
from autograder.engines.judge.outputs import Outputs, Stream
from autograder.engines.judge.peer import OverdueError, PeerError
from autograder.engines.judge.session import SECONDS_OF_GRACE, Session
from autograder.engines.judge.withheld import Withheld

RESTARTS = 3
TIMED_OUT, DIED, NO_TIME_LEFT = "CellTimeoutError", "KernelDied", "NoTimeLeft"
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_NOT_WRITTEN = re.compile(r"`\w{1,60}` is not written yet")
Connect = Callable[[frozenset[str]], Session]


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Attributes:
        index: its position in the notebook.
        role: "answer", "test", "given" (runs on both sides) or "own" (only in the student's).
        source: its text.
        grade_id: its id, or "".
        points: what a test is worth.
        tags: Jupyter's tags.
    """

    index: int
    role: str
    source: str
    grade_id: str = ""
    points: float = 0.0
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Job:
    """One submission.

    Attributes:
        cells: the code cells to grade, in their order.
        original: the code cells as they were released, in their order.
        seconds_per_cell: the time limit of a cell.
        seconds_per_notebook: that of all together.
        most_text: how many characters of a cell's output are kept.
        withheld: the functions that answers may not call, and who asks for them.
        demos: whether demonstrations run although nothing needs them.
    """

    cells: list[Cell]
    original: list[Cell]
    seconds_per_cell: float
    seconds_per_notebook: float
    most_text: int
    withheld: Withheld
    demos: bool = False

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> "Job":
        """Read a job from JSON."""
        kinds = {"cells": data["cells"], "original": data["original"]}
        lists = {
            name: [Cell(**{**cell, "tags": frozenset(cell["tags"])}) for cell in cells]
            for name, cells in kinds.items()
        }
        return cls(**{**data, **lists, "withheld": Withheld(**data["withheld"])})


@dataclass
class _Progress:
    """What has come of the notebook so far."""

    scores: dict[str, float] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    undefined: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    ran: list[Cell] = field(default_factory=list)
    fatal: set[int] = field(default_factory=set)
    displaced: list[str] = field(default_factory=list)
    restarts: int = 0


def judge(job: Job, connect: Connect) -> dict[str, Any]:
    """Grade one submission.

    Args:
        job: the submission.
        connect: starts a student's process.

    Returns:
        The fields of `autograder.engines.Findings`.
    """
    seeds.start()
    deadline = time.monotonic() + job.seconds_per_notebook
    judging = Judging(job, connect, deadline, demos=job.demos)
    hooks.install(
        lambda: judging.session,
        lambda: [(cell.index, cell.source) for cell in judging.progress.ran],
    )
    seeds.watch(lambda: setattr(judging.session, "seeded", True))
    progress = judging.run()
    if progress.undefined & progress.skipped:
        judging = Judging(job, connect, deadline, demos=True)
        progress = judging.run()
    texts = [
        (cell.grade_id or f"cell {cell.index + 1}", cell.source, cell.role in ("answer", "own"))
        for cell in progress.ran
    ]
    return {
        "scores": progress.scores,
        "cells": progress.findings,
        "notes": job.withheld.notes(texts, progress.displaced),
        "problem": None,
    }


class Judging:
    """One pass through a notebook.

    Args:
        job: the submission.
        connect: starts a student's process.
        deadline: when all must be over, by the monotonic clock.
        demos: whether demonstrations run, too.
    """

    def __init__(self, job: Job, connect: Connect, deadline: float, *, demos: bool) -> None:
        self.job = job
        self.demos = demos
        self.progress = _Progress()
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self.exports: set[str] = set()
        self.reserved: set[str] = set()  # never taken from a student, even where they are missing
        classes: set[str] = set()
        for cell in job.original:
            bound = bound_names(cell.source)
            self.reserved |= bound.imports
            if cell.role == "answer":
                self.exports |= bound.names - bound.imports
                classes |= bound.classes
            elif cell.role == "given" and "demo" not in cell.tags:
                self.reserved |= bound.names
        self._connect = lambda: connect(frozenset(classes))
        self._deadline = deadline
        self._to_run_here = list(enumerate(job.original))
        self._places = {c.grade_id: n for n, c in enumerate(job.original) if c.grade_id}
        self.session = self._connect()

    def run(self) -> _Progress:
        """Run all cells.

        Returns:
            What came of them.
        """
        try:
            for cell in self.job.cells:
                if not cell.source.strip():
                    if cell.role == "test":
                        self.progress.scores[cell.grade_id] = cell.points
                elif "demo" in cell.tags and not self.demos and cell.role != "test":
                    self.progress.skipped |= bound_names(cell.source).names
                else:
                    self._run(cell)
            self.progress.displaced = self._displaced()
        finally:
            self.session.kill()
        return self.progress

    def _displaced(self) -> list[str]:
        """Ask which guards are off by now; the answer is the student's process's own."""
        told: Any = ()
        if self.job.withheld.names and not self.session.peer.ended:
            with contextlib.suppress(Exception), self.session.cell(SECONDS_OF_GRACE):
                told = self.session.ask("displaced")
        return [name for name in self.job.withheld.names if type(told) is tuple and name in told]

    def _run(self, cell: Cell) -> None:
        started = time.monotonic()
        seconds = min(self.job.seconds_per_cell, self._deadline - started)
        if seconds < 1 or self.progress.restarts > RESTARTS:
            finding = cell_finding(cell.index, NO_TIME_LEFT)
        elif cell.role == "test":
            finding = self._test(cell, seconds)
        else:
            finding = self._run_there(cell, seconds)
            self.progress.ran.append(cell)
        finding["seconds"] = round(time.monotonic() - started, 3)
        self.progress.findings.append(finding)
        undefined = _UNDEFINED.match(finding["message"])
        if finding["error"] == "NameError" and undefined:
            self.progress.undefined.add(undefined[1])
        if cell.role == "test" and finding["error"] is not None:
            self.progress.scores[cell.grade_id] = 0.0
        if self.session.peer.ended:
            if cell.role != "test":
                self.progress.fatal.add(cell.index)
            self._start_again()

    def _run_there(self, cell: Cell, seconds: float) -> dict[str, Any]:
        try:
            with self.session.cell(seconds):
                result = self.session.run_cell(
                    cell.index, cell.source, is_given=cell.role == "given"
                )
        except Exception as error:
            return self._failed_there(cell, error)
        theirs = {c.index for c in self.job.cells if c.role in ("answer", "own")}
        finding = student_finding(cell.index, result, theirs, self.job.most_text)
        return finding | self._overdue()

    def _failed_there(self, cell: Cell, error: Exception) -> dict[str, Any]:
        name = TIMED_OUT if self.session.timed_out else DIED
        return cell_finding(cell.index, name, str(error)) | self._overdue()

    def _overdue(self) -> dict[str, Any]:
        return {"error": TIMED_OUT, "timed_out": True} if self.session.timed_out else {}

    def _start_again(self) -> None:
        """Run the answers so far in a fresh process; one that ends it again is left out then."""
        self.session.kill()
        while self.progress.restarts <= RESTARTS:
            self.progress.restarts += 1
            self.session = self._connect()
            for cell in self.progress.ran:
                if cell.index in self.progress.fatal:
                    continue
                seconds = min(self.job.seconds_per_cell, self._deadline - time.monotonic())
                with contextlib.suppress(Exception), self.session.cell(max(seconds, 0.1)):
                    given = cell.role == "given"
                    self.session.run_cell(cell.index, cell.source, is_given=given)
                if self.session.peer.ended:
                    self.progress.fatal.add(cell.index)
                    self.session.kill()
                    break
            else:
                return

    def _test(self, cell: Cell, seconds: float) -> dict[str, Any]:
        outputs = Outputs(self.job.most_text)
        in_place = "in-place" in cell.tags
        value: Any = None
        error: BaseException | None = None
        fetched: dict[str, Any] = {}
        with self._alarm(seconds), self.session.cell(seconds, in_place=in_place):
            try:
                with (
                    contextlib.redirect_stdout(Stream("stdout", outputs)),
                    contextlib.redirect_stderr(Stream("stderr", outputs)),
                ):
                    self._give_up_to(cell)
                    fetched = self.session.look_up(self._wanted(cell.source))
                    self.namespace |= fetched
                    value = run_trusted(_test_name(cell.grade_id), cell.source, self.namespace)
            except BaseException as raised:
                error = raised
            failure = self.session.failure
        for name in self._wanted(cell.source):
            self.namespace.pop(name, None)
        finding = self._finding(cell, error, failure)
        finding["outputs"] = outputs.taken()
        finding["truncated"] = outputs.truncated or self.session.truncated
        if finding["error"] is None:
            self.progress.scores[cell.grade_id] = partial_credit(value, cell)
        return finding

    def _finding(
        self, cell: Cell, error: BaseException | None, failure: PeerError | None
    ) -> dict[str, Any]:
        """Describe how a test ended; what befell the student's process counts before all else."""
        if self.session.timed_out or isinstance(failure, OverdueError):
            return cell_finding(cell.index, TIMED_OUT) | {"timed_out": True}
        if failure is not None:
            return cell_finding(cell.index, DIED, str(failure))
        if error is None:
            return cell_finding(cell.index)
        files = {_test_name(c.grade_id): c.index for c in self.job.cells if c.role == "test"}
        places = faults.places_in_cells(error, files)
        name, text, fault = type(error).__name__, _text_of(error), error.__cause__
        if isinstance(fault, faults.StudentFault):
            name = fault.name
            is_plain = _NOT_WRITTEN.fullmatch(text) or text in self.job.withheld.sentences
            if is_hidden(cell.source, places) and not is_plain:
                text = ""  # it could hold what the test gave to the student's code
            theirs = {c.index for c in self.job.cells if c.role in ("answer", "own")}
            places += [place for place in fault.places if place[0] in theirs]
        return cell_finding(cell.index, name, text, places)

    def _wanted(self, source: str) -> list[str]:
        """Name what a test takes from the answers: theirs, and what nobody here knows."""
        loaded, stored = used_names(source)
        unknown = loaded - stored - self.namespace.keys() - vars(builtins).keys() - self.reserved
        return sorted((loaded & self.exports) | unknown)

    def _give_up_to(self, test: Cell) -> None:
        """Run the given cells that stand before a test in the original, and answers' imports."""
        place = self._places.get(test.grade_id, 0)
        while self._to_run_here and self._to_run_here[0][0] < place:
            _, cell = self._to_run_here.pop(0)
            source = cell.source if cell.role == "given" else imports_of(cell.source)
            if "demo" not in cell.tags and cell.role in ("given", "answer"):
                with contextlib.suppress(Exception):
                    run_trusted(_given_name(cell.index), source, self.namespace)

    @contextlib.contextmanager
    def _alarm(self, seconds: float) -> Any:
        """Stop a test that takes its time here, not in the student's process."""
        signal.signal(signal.SIGALRM, lambda *_: self.session.overdue())
        signal.setitimer(signal.ITIMER_REAL, seconds + 2 * SECONDS_OF_GRACE)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def read_ahead(cells: list[dict[str, Any]]) -> None:
    """Read and compile a week's cells once, before the fork, rather than in each submission.

    Args:
        cells: as they were released, and the tests with their hidden part; see `make_job`.
    """
    for cell in cells:
        source = cell["source"]
        with contextlib.suppress(Exception):  # a cell that cannot be read is told of when it runs
            bound_names(source)
            if cell["role"] == "test":
                used_names(source)
                compiled(_test_name(cell["grade_id"]), source)
            elif "demo" not in cell["tags"]:
                shared = source if cell["role"] == "given" else imports_of(source)
                compiled(_given_name(cell["index"]), shared)


def _test_name(grade_id: str) -> str:
    return f"<{grade_id}>"


def _given_name(index: int) -> str:
    return f"<given {index + 1}>"


def run_trusted(name: str, source: str, namespace: dict[str, Any]) -> Any:
    """Run an instructor's cell.

    Args:
        name: under which tracebacks and the checks know it.
        source: its text.
        namespace: its globals.

    Returns:
        The value of its last line if that is an expression that IPython would show, else None.
    """
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    code, last = compiled(name, source)
    exec(code, namespace)
    return eval(last, namespace) if last else None


def partial_credit(value: Any, cell: Cell) -> float:
    """Give a passed test's points: all, or the number that its last line says, as nbgrader does."""
    if type(value) in (int, float) and 0 <= value <= cell.points:
        return float(value)
    return cell.points


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""
