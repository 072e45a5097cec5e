"""A lesson's source, read into cells and exercises that know their lines in the file."""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autograder.course import Week
from autograder.errors import CourseError
from helpers.notebooks import parse_cell

Role = Literal["given", "demo", "answer", "test", "written", "text"]

BEGIN_SOLUTION, END_SOLUTION = "BEGIN SOLUTION", "END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"

_MINUTES = re.compile(r"\babout (\d+) minutes?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson.

    Attributes:
        index: position in the notebook, from 0.
        kind: "code" or "markdown".
        source: its text as in the notebook.
        first_line: line of the source's first line in the `.py`, from 1.
        tags: Jupyter tags.
        grade_id: nbgrader's id, or None.
        role: "given", "demo", "answer", "test", "written" or "text"; an answer that is tagged
            `demo` is a demo: the student writes it, and nobody grades it.
        points: nbgrader's points; 0 where it has none.
        metadata: all metadata, as plain data.
    """

    index: int
    kind: str
    source: str
    first_line: int
    tags: frozenset[str] = frozenset()
    grade_id: str | None = None
    role: Role = "text"
    points: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def label(self) -> str:
        """How messages name the cell: `cell 7 (softmax)`, counted from 1."""
        return f"cell {self.index + 1}" + (f" ({self.grade_id})" if self.grade_id else "")

    @property
    def is_optional(self) -> bool:
        """Whether the student writes it and nobody grades it: an answer tagged `demo`."""
        marks = self.metadata.get("nbgrader") or {}
        return self.role == "demo" and bool(marks.get("solution"))

    @property
    def visible_source(self) -> str:
        """The source without its hidden tests, as a student sees it."""
        return "\n".join(text for text, hidden in self._marked_lines if not hidden)

    @property
    def hidden_source(self) -> str:
        """The hidden tests alone, without the marks; empty where there are none."""
        hidden = (text for text, hidden in self._marked_lines if hidden)
        return "\n".join(t for t in hidden if BEGIN_HIDDEN not in t and END_HIDDEN not in t)

    @property
    def solution_regions(self) -> tuple[str, ...]:
        """The text of each solution region, without the marks."""
        regions: list[list[str]] = []
        inside = False
        for line in self.source.splitlines():
            if BEGIN_SOLUTION in line:
                inside = True
                regions.append([])
            elif END_SOLUTION in line:
                inside = False
            elif inside:
                regions[-1].append(line)
        return tuple("\n".join(region) for region in regions)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a code cell; lines with IPython magics count as `pass`."""
        return parse_cell(self.source)

    @property
    def _marked_lines(self) -> Iterator[tuple[str, bool]]:
        inside = False
        for line in self.source.splitlines():
            inside = inside or BEGIN_HIDDEN in line
            yield line, inside
            if END_HIDDEN in line:
                inside = False


@dataclass(frozen=True)
class Exercise:
    """An answer with the tests that grade it.

    Attributes:
        answer: the answer cell.
        tests: its test cells, in order.
        minutes: what the text says it takes, or None where it does not.
    """

    answer: Cell
    tests: tuple[Cell, ...]
    minutes: int | None

    @property
    def name(self) -> str:
        """The exercise's name: the answer's `grade_id`."""
        return self.answer.grade_id or ""

    @property
    def points(self) -> float:
        """The points of its test cells together."""
        return sum(test.points for test in self.tests)


@dataclass(frozen=True)
class Lesson:
    """A lesson's source.

    Attributes:
        path: the `.py` file.
        week: the week's folder.
        cells: all cells, in order.
        exercises: every answer with its tests, in order.
    """

    path: Path
    week: str
    cells: tuple[Cell, ...]
    exercises: tuple[Exercise, ...]

    def of_role(self, *roles: Role) -> tuple[Cell, ...]:
        """Give the cells of some roles, in order."""
        return tuple(cell for cell in self.cells if cell.role in roles)

    @property
    def to_write(self) -> tuple[Cell, ...]:
        """The code that a student writes: answers, graded and optional ones."""
        return tuple(cell for cell in self.cells if cell.role == "answer" or cell.is_optional)

    @property
    def written(self) -> tuple[Cell, ...]:
        """The answer cells of written questions."""
        return self.of_role("written")

    def exercise(self, name: str) -> Exercise:
        """Find an exercise by its name.

        Raises:
            CourseError: there is none of that name.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises) or "none"
        raise CourseError(f"{self.week} has no exercise {name!r}", f"Exercises: {known}.")


def read_lesson(path: Path, week: Week | str) -> Lesson:
    """Read a lesson's source.

    Args:
        path: the `.py`, in jupytext's py:percent form.
        week: the week, or its folder's name.

    Returns:
        The lesson.

    Raises:
        CourseError: the file is missing or unreadable, or a code cell has a syntax error; the
            message names file, line and cell.
    """
    path = Path(path)
    folder = week if isinstance(week, str) else week.folder
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(
            f"there is no source {path}", "Write the lesson there, in the form of the other weeks."
        ) from None
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is not UTF-8: {error.reason}", "Save it as UTF-8.") from None
    cells = tuple(_read_cells(text, path))
    for cell in cells:
        if cell.kind == "code":
            _check_syntax(cell, path)
    return Lesson(path, folder, cells, _exercises(cells))


def owner_of_test(grade_id: str, answers: list[str]) -> str | None:
    """Say which answer a test belongs to: the longest id that `test_ID_what` fits.

    Args:
        grade_id: the test's id.
        answers: ids of the answers.

    Returns:
        An id of `answers`, or None.
    """
    fitting = [name for name in answers if grade_id.startswith(f"test_{name}_")]
    return max(fitting, key=len, default=None)


def _read_cells(text: str, path: Path) -> Iterator[Cell]:
    from jupytext.cell_reader import DoublePercentScriptCellReader
    from jupytext.jupytext import TextNotebookConverter

    total = len(text.splitlines())
    remaining: list[tuple[int, str]] = []  # lines left when each cell was begun, and its first

    class Reader(DoublePercentScriptCellReader):
        def read(self, lines: list[str]) -> Any:
            remaining.append((len(lines), lines[0]))
            return super().read(lines)

    converter = TextNotebookConverter({"extension": ".py", "format_name": "percent"}, None)
    converter.implementation = copy.copy(converter.implementation)
    converter.implementation.cell_reader_class = Reader
    try:
        notebook = converter.reads(text)
    except Exception as error:
        raise CourseError(
            f"{path}: jupytext cannot read it: {error}",
            "It must be in py:percent form, cells beginning with `# %%`.",
        ) from None
    headers = len(notebook.cells) - len(remaining)  # jupytext may add a raw cell from the header
    for index, cell in enumerate(notebook.cells[headers:]):
        left, first = remaining[index]
        line = total - left + 1 + bool(re.match(r"#\s*%%", first))
        yield _make_cell(index, cell, line)


def _make_cell(index: int, raw: Any, line: int) -> Cell:
    metadata = dict(raw.metadata)
    marks = metadata.get("nbgrader") or {}
    tags = frozenset(metadata.get("tags") or ())
    points = marks.get("points", 0)
    return Cell(
        index=index,
        kind=raw.cell_type,
        source=raw.source,
        first_line=line,
        tags=tags,
        grade_id=marks.get("grade_id"),
        role=_role(raw.cell_type, marks, tags),
        points=float(points) if isinstance(points, int | float) else 0.0,
        metadata=metadata,
    )


def _role(kind: str, marks: dict, tags: frozenset[str]) -> Role:
    grade, solution = bool(marks.get("grade")), bool(marks.get("solution"))
    if marks.get("task") or (grade and solution):
        return "written"
    if kind != "code":
        return "text"
    if grade:
        return "test"
    if "demo" in tags:
        return "demo"
    return "answer" if solution else "given"


def _exercises(cells: tuple[Cell, ...]) -> tuple[Exercise, ...]:
    answers = [cell for cell in cells if cell.role == "answer" and cell.grade_id]
    names = [cell.grade_id or "" for cell in answers]
    tests: dict[str, list[Cell]] = {name: [] for name in names}
    for cell in cells:
        owner = owner_of_test(cell.grade_id or "", names) if cell.role == "test" else None
        if owner is not None:
            tests[owner].append(cell)
    return tuple(
        Exercise(cell, tuple(tests[name]), minutes_before(cells, cell))
        for cell, name in zip(answers, names, strict=True)
    )


def minutes_before(cells: tuple[Cell, ...], cell: Cell) -> int | None:
    """Read "About 15 minutes" from the text cell directly before a cell.

    Args:
        cells: all cells of the lesson.
        cell: an answer or a written question.

    Returns:
        Minutes, or None where the text before says none.
    """
    if cell.index == 0 or cells[cell.index - 1].kind != "markdown":
        return None
    found = _MINUTES.search(cells[cell.index - 1].source)
    return int(found[1]) if found else None


def _check_syntax(cell: Cell, path: Path) -> None:
    try:
        parse_cell(cell.source)
    except SyntaxError as error:
        line = cell.first_line + (error.lineno or 1) - 1
        text = (error.text or "").strip()
        raise CourseError(
            f"{path}, line {line}, {cell.label}: {error.msg}" + (f": {text}" if text else ""),
            "Mend the line; `course lint` shows what else there is.",
        ) from None
