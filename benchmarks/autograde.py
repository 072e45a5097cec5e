"""Grade one class with both engines and with nbgrader's own command, side by side.

Says how fast each is and where the time goes.

    python benchmarks/autograde.py [--week 1] [--submissions 4] [--wrong 1] [--json FILE]

The class is made from the week's solution and other right answers, with `--wrong` also from planted
mistakes (some of them loops without end, which then decide the time); all tests must score the same
alike. Seconds a notebook are those of grading and writing, after the engine has warmed up.
nbgrader runs every cell, demonstrations too; `judge` is measured both so and as it grades by
default, without demonstrations. `nbgrader, confined` is this course's reference engine, on as many
workers; `nbgrader autograde` is the command as it comes: one notebook after the other, no wall. The
ratios compare with the command; those called `…_confined` with the reference engine.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from recording import write_facts

from autograder import grading
from autograder.assignment import generate_assignment
from autograder.course import Course, Week, load_course
from autograder.database import sqlite_url
from autograder.engines import Findings, find_engine
from autograder.engines.judge.engine import JudgeEngine, JudgeGrader
from autograder.gradebook import WeekBook
from autograder.mutation.mixtures import mixed_notebook, mixtures
from autograder.records import SubmissionRecord

ROOT = Path(__file__).parents[1]
LOOK_EVERY = 0.05
EVERY, REFERENCE, COMMAND = "judge, all cells", "nbgrader, confined", "nbgrader autograde"
MIB = 2**20


@dataclass
class Measured:
    """What one engine took for the class."""

    name: str
    warm_up: float = 0.0
    grading: float = 0.0
    notebooks: list[float] = field(default_factory=list)
    tests: list[float] = field(default_factory=list)
    cells: list[float] = field(default_factory=list)
    writing: float = 0.0
    private_mb: float = 0.0
    scores: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds a notebook, grading and writing."""
        return self.grading / max(1, len(self.notebooks))

    @property
    def overhead(self) -> float:
        """Seconds a notebook beyond the time of its cells."""
        spent = zip(self.notebooks, self.tests, self.cells, strict=True)
        return statistics.mean(all_of - tests - cells for all_of, tests, cells in spent)

    def row(self) -> list[str]:
        """Give a line of the table."""
        mean = statistics.mean
        if not self.cells:  # measured from outside
            return [self.name, f"{self.seconds:.3f}", *[""] * 7]
        numbers = [self.seconds, mean(self.notebooks), mean(self.cells), mean(self.tests)]
        numbers += [self.overhead, self.writing / len(self.notebooks), self.warm_up]
        memory = f"{self.private_mb:.0f}" if self.private_mb else ""
        return [self.name, *(f"{number:.3f}" for number in numbers), memory]


class Stopwatch:
    """An engine that measures another."""

    def __init__(self, engine: Any, measured: Measured) -> None:
        self.name = engine.name
        self.warning = engine.warning
        self.engine = engine
        self.measured = measured
        self.grader: Any = None

    def wall(self, sandbox: Any) -> str:
        """Name the wall that the engine would have."""
        return self.engine.wall(sandbox)

    @contextmanager
    def prepare(self, *about: Any) -> Iterator["Stopwatch"]:
        """Measure the warm-up, and all that happens while the engine is warm."""
        began = time.perf_counter()
        with self.engine.prepare(*about) as self.grader:
            warm = time.perf_counter()
            self.measured.warm_up = warm - began
            with private_memory(self.grader, self.measured):
                yield self
            self.measured.grading = time.perf_counter() - warm

    def grade(self, notebook: dict[str, Any], stop: threading.Event) -> Findings:
        """Measure one notebook."""
        began = time.perf_counter()
        findings = self.grader.grade(notebook, stop)
        took = time.perf_counter() - began
        tests = {
            index
            for index, cell in enumerate(notebook["cells"])
            if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("grade")
        }
        seconds = {found.cell: found.seconds or 0.0 for found in findings.cells}
        self.measured.notebooks.append(took)
        self.measured.tests.append(sum(s for index, s in seconds.items() if index in tests))
        self.measured.cells.append(sum(s for index, s in seconds.items() if index not in tests))
        return findings


@contextmanager
def private_memory(grader: Any, measured: Measured) -> Iterator[None]:
    """Look at the memory that the processes of one notebook do not share with the warm ones."""
    ended = threading.Event()
    processes = [grader._judges.pid, grader._students.pid] if type(grader) is JudgeGrader else []

    def look() -> None:
        while not ended.wait(LOOK_EVERY):
            most = [max((_private(c) for c in _below(pid)), default=0) for pid in processes]
            measured.private_mb = max(measured.private_mb, sum(most) / MIB)

    watcher = threading.Thread(target=look, daemon=True)
    if processes:
        watcher.start()
    yield
    ended.set()
    if processes:
        watcher.join()


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _private(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().uss
    except psutil.Error:
        return 0


@contextmanager
def measuring(engine: Stopwatch, measured: Measured) -> Iterator[None]:
    """Have `grade_week` use this engine, and measure what it writes."""
    places = [(grading, "write_record"), (grading, "write_autograded"), (WeekBook, "merge")]
    before = [getattr(place, name) for place, name in places]
    find = grading.find_engine

    def timed(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                measured.writing += time.perf_counter() - began

        return call

    grading.find_engine = lambda name: engine
    for (place, name), function in zip(places, before, strict=True):
        setattr(place, name, timed(function))
    try:
        yield
    finally:
        grading.find_engine = find
        for (place, name), function in zip(places, before, strict=True):
            setattr(place, name, function)


def hand_in(course: Course, week: Week, number: int, wrong: int) -> None:
    """Write the class's submissions: mixtures, again and again with a small change."""
    answers = mixtures(course, week, wrong=wrong)
    for index in range(number):
        notebook = mixed_notebook(course, week, answers[index % len(answers)])
        if index >= len(answers):
            notebook["cells"][-1]["source"] = f"handed in by student {index}"
        folder = course.private / "submitted" / f"student{index:04}" / week.folder
        folder.mkdir(parents=True)
        (folder / f"{week.name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def measure(
    course: Course, week: Week, engine: Any, label: str, options: argparse.Namespace
) -> Measured:
    """Grade the class with one engine.

    Args:
        course: the course; its records of this engine are written apart from the others'.
        week: the week.
        engine: the engine.
        label: what the table calls it.
        options: the command line's.

    Returns:
        What it took.
    """
    own = course.private.with_name(label.replace(", ", "_").replace(" ", "_"))
    own.mkdir()
    (own / "submitted").symlink_to(course.private / "submitted")
    measured = Measured(label)
    with measuring(Stopwatch(engine, measured), measured):
        records: list[SubmissionRecord] = grading.grade_week(
            course.model_copy(update={"private": own}),
            week,
            engine=engine.name,
            sandbox=options.sandbox,
            workers=options.workers,
        )
    measured.scores = {
        (record.student, test.grade_id): test.points for record in records for test in record.tests
    }
    return measured


def measure_command(course: Course, week: Week) -> Measured:
    """Grade the class with `nbgrader autograde`, as an instructor would without this course's tool.

    Args:
        course: the course, with the submissions in its private folder.
        week: the week.

    Returns:
        What it took; its start-up counts, which is a second or two for the whole class.
    """
    from nbgrader.api import Gradebook

    own = course.private.with_name("command")
    own.mkdir()
    book = own / "gradebook.db"
    generate_assignment(course, week, sqlite_url(book), own)
    places = {"submitted": course.private / "submitted", "autograded": own / "autograded"}
    command = [sys.executable, "-m", "nbgrader", "autograde", week.folder, f"--db=sqlite:///{book}"]
    command += [f"--CourseDirectory.{name}_directory={path}" for name, path in places.items()]
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    measured = Measured("nbgrader autograde", grading=time.perf_counter() - began)
    with Gradebook(f"sqlite:///{book}") as grades:
        for handed_in in grades.assignment_submissions(week.folder):
            measured.notebooks.append(0.0)
            for grade in handed_in.notebooks[0].grades:
                if grade.cell.cell_type == "code":
                    measured.scores[handed_in.student.id, grade.name] = grade.auto_score
    return measured


def report(results: dict[str, Measured], options: argparse.Namespace) -> dict[str, Any]:
    """Print the table; give what `--json` writes."""
    from rich.console import Console
    from rich.table import Table

    columns = "engine,s/notebook,one notebook,answers,tests,overhead,writing,warm-up,private MB"
    table = Table(*columns.split(","), title=f"{options.submissions} submissions")
    for measured in results.values():
        table.add_row(*measured.row())
    console = Console(width=120)
    console.print(table)
    default = results["judge"]
    facts: dict[str, Any] = {
        "submissions": options.submissions,
        "workers": options.workers,
        "seconds_per_notebook": {name: one.seconds for name, one in results.items()},
        "overhead_ms": 1000 * default.overhead,
        "private_mb": max(one.private_mb for one in results.values()),
    }
    reference, command = results.get(REFERENCE), results.get(COMMAND)
    if reference is not None and command is not None:
        every = results[EVERY]
        facts |= {
            "ratio_without_demos": command.seconds / default.seconds,
            "ratio_all_cells": command.seconds / every.seconds,
            "ratio_without_demos_confined": reference.seconds / default.seconds,
            "ratio_all_cells_confined": reference.seconds / every.seconds,
            "scores_equal": all(one.scores == default.scores for one in results.values()),
        }
        for key in [*(key for key in facts if "ratio" in key), "overhead_ms", "scores_equal"]:
            console.print(f"{key}: {facts[key]}")
        for key in sorted(default.scores):
            scores = [one.scores.get(key) for one in results.values()]
            if len(set(scores)) > 1:
                console.print(f"different: {key} {dict(zip(results, scores, strict=True))}")
    return facts


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--week", default="1")
    parser.add_argument("--submissions", type=int, default=10)
    parser.add_argument("--wrong", type=int, default=0, help="planted mistakes of each exercise")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sandbox", default="bubblewrap", choices=("bubblewrap", "none"))
    parser.add_argument("--judge-only", action="store_true", help="do not measure nbgrader")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as folder:
        course = load_course(ROOT)
        made_up = {"private": Path(folder) / "class", "gradebook": None}
        course = course.model_copy(update=made_up)
        week = course.week(options.week)
        hand_in(course, week, options.submissions, options.wrong)
        results = {"judge": measure(course, week, JudgeEngine(), "judge", options)}
        if not options.judge_only:
            results[EVERY] = measure(course, week, JudgeEngine(demos=True), EVERY, options)
            reference = find_engine("nbgrader")
            results[REFERENCE] = measure(course, week, reference, REFERENCE, options)
            results[COMMAND] = measure_command(course, week)
        facts = report(results, options)
        shutil.rmtree(folder, ignore_errors=True)
    write_facts(options.json, facts)
    if facts.get("scores_equal") is False:
        sys.exit("The engines' scores differ.")


if __name__ == "__main__":
    main()
