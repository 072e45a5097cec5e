"""Grade a handful of cells with the judge, without a course round them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from autograder.engines import CellFinding, Findings
from autograder.engines.judge.confine.packages import package_view
from autograder.engines.judge.engine import OWN_PACKAGES, JudgeGrader, withheld_by
from autograder.engines.judge.processes import WarmProcess

ROOT = Path(__file__).parents[2]


def given(source: str, *tags: str) -> dict:
    """Make a given cell; with the tag "demo" a demonstration."""
    return _cell(source, {}, tags)


def answer(name: str, source: str) -> dict:
    """Make an answer's cell."""
    return _cell(source, {"grade_id": name, "solution": True, "grade": False}, ())


def exam(name: str, source: str, *tags: str, points: float = 1.0) -> dict:
    """Make a test's cell."""
    marks = {"grade_id": name, "solution": False, "grade": True, "points": points}
    return _cell(source, marks, tags)


def _cell(source: str, marks: dict, tags: Sequence[str]) -> dict:
    metadata: dict = {"nbgrader": marks} if marks else {}
    if tags:
        metadata["tags"] = list(tags)
    return {"cell_type": "code", "metadata": metadata, "source": source}


class Bench:
    """What a notebook's cells came to."""

    def __init__(self, findings: Findings, cells: list[dict]) -> None:
        self.findings = findings
        self.scores = findings.scores
        ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
        self.cells: dict[str | None, CellFinding] = {ids[f.cell]: f for f in findings.cells}

    def __getitem__(self, name: str) -> CellFinding:
        return self.cells[name]


@contextmanager
def workbench(
    tmp: Path,
    *,
    seconds_per_cell: float = 5,
    seconds_per_notebook: float = 60,
    wall: str = "none",
    packages: Sequence[str] = ("numpy", "matplotlib"),
    withheld: Sequence[str] = (),
) -> Iterator[Callable[..., Bench]]:
    """Start the warm processes.

    Yields:
        A function that grades cells; `original` are the cells as released, if they differ.
    """
    limits = SimpleNamespace(
        seconds_per_cell=seconds_per_cell,
        seconds_per_notebook=seconds_per_notebook,
        output_kb=100,
        memory_mb=2000,
        processes=20,
    )
    shared = {"modules": [*packages, "helpers.checks"], "paths": [str(ROOT)], "memory_mb": 2000}
    week = SimpleNamespace(withheld=withheld, spoken="week 13")
    view = package_view({*OWN_PACKAGES, *packages}, tmp / "packages")
    students = {
        **shared,
        "kind": "student",
        "paths": [str(ROOT), str(view.folder)],
        "hidden_paths": [],
        "wall": wall,
        "only_paths": True,
        "read_only": [str(ROOT / "helpers"), *map(str, view.paths)],
        "most_text": 100_000,
        "withheld": withheld_by(week),  # type: ignore[arg-type]
        "limits": {},
    }
    judges = {**shared, "kind": "judge", "cells": []}
    with WarmProcess(judges) as judge, WarmProcess(students) as student:
        judge.wait_until_ready()
        student.wait_until_ready()

        def grade(
            *cells: dict,
            original: Sequence[dict] | None = None,
            stop: threading.Event | None = None,
        ) -> Bench:
            assignment = SimpleNamespace(notebook={"cells": list(original or cells)}, week=week)
            grader = JudgeGrader(SimpleNamespace(limits=limits), assignment, judge, student)  # type: ignore[arg-type]
            findings = grader.grade({"cells": list(cells)}, stop or threading.Event())
            assert findings.problem is None or stop, findings.problem
            return Bench(findings, list(cells))

        yield grade
