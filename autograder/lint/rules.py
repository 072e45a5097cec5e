"""What a rule is, what it sees, and what it reports."""

import ast
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.course import Course, Week
from autograder.lesson import Cell, Lesson


@dataclass(frozen=True)
class Finding:
    """A place where a lesson breaks a rule.

    Attributes:
        rule: the rule's id.
        file: path below the course's folder.
        line: line in that file, or None for the file as a whole.
        cell: the cell's label, or None.
        what: what is wrong.
        cure: what to do.
    """

    rule: str
    file: str
    line: int | None
    cell: str | None
    what: str
    cure: str


@dataclass(frozen=True)
class Note:
    """What a rule's function yields: the place and the fault, still without rule and cure.

    Attributes:
        what: what is wrong.
        cell: the cell, or None for the lesson as a whole.
        line: line within the cell's source, from 1.
        path: another file than the lesson's source.
    """

    what: str
    cell: Cell | None = None
    line: int = 1
    path: Path | None = None


@dataclass(frozen=True)
class Context:
    """What rules see of a week.

    Attributes:
        course: the course.
        week: the week.
        lesson: its source, read.
    """

    course: Course
    week: Week
    lesson: Lesson

    @cached_property
    def answer_names(self) -> frozenset[str]:
        """Names that the student writes."""
        return frozenset(cell.grade_id or "" for cell in self.lesson.of_role("answer"))

    @cached_property
    def code(self) -> tuple[Cell, ...]:
        """All code cells."""
        return tuple(cell for cell in self.lesson.cells if cell.kind == "code")

    @cached_property
    def prose(self) -> tuple[Cell, ...]:
        """All markdown cells."""
        return tuple(cell for cell in self.lesson.cells if cell.kind == "markdown")

    @cached_property
    def plot_cells(self) -> tuple[Cell, ...]:
        """Cells that show a figure through `plots`."""
        return tuple(cell for cell in self.code if any(plot_calls(cell.tree)))

    @cached_property
    def solution(self) -> dict[str, Any] | None:
        """The built solution notebook, or None where it is missing or broken."""
        return read_json(self.week.solution(self.course))

    @cached_property
    def student(self) -> dict[str, Any] | None:
        """The student's notebook, or None where it is missing or broken."""
        return read_json(self.week.student(self.course))

    @cached_property
    def mistakes_path(self) -> Path:
        """The file with the week's planted mistakes."""
        return self.course.root / "tests" / "mutants" / f"{self.week.folder}.toml"

    @cached_property
    def mistakes(self) -> dict[str, Any] | str:
        """The planted mistakes, or why they cannot be read."""
        try:
            return tomllib.loads(self.mistakes_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return "the file is missing"
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            return f"it is not valid TOML: {error}"

    @cached_property
    def alternatives(self) -> tuple[Path, ...]:
        """The files with right answers written otherwise."""
        folder = self.course.root / "tests" / "alternatives" / self.week.folder
        return tuple(sorted(folder.glob("*.py")))

    def before(self, cell: Cell) -> Cell | None:
        """Give the cell before a cell."""
        return self.lesson.cells[cell.index - 1] if cell.index else None

    def after(self, cell: Cell) -> tuple[Cell, ...]:
        """Give all cells after a cell."""
        return self.lesson.cells[cell.index + 1 :]


@dataclass(frozen=True)
class Rule:
    """A rule of the contract.

    Attributes:
        id: short name, as in `points-sum`.
        cure: what an author does about a finding.
        function: yields notes.
    """

    id: str
    cure: str
    function: Callable[[Context], Iterator[Note]]

    @property
    def meaning(self) -> str:
        """What the rule holds: the first line of its function's docstring."""
        return (self.function.__doc__ or "").strip().splitlines()[0]

    def run(self, context: Context) -> Iterator[Finding]:
        """Hold a week against the rule.

        Args:
            context: the week.

        Yields:
            Findings.
        """
        for note in self.function(context):
            path = note.path or context.lesson.path
            line = note.cell.first_line + note.line - 1 if note.cell else None
            if note.path is not None:
                line = note.line if note.line > 1 else None
            yield Finding(
                rule=self.id,
                file=path.relative_to(context.course.root).as_posix(),
                line=line,
                cell=note.cell.label if note.cell else None,
                what=note.what,
                cure=self.cure,
            )


def rule(identity: str, cure: str) -> Callable[[Callable[[Context], Iterator[Note]]], Rule]:
    """Make a rule of a function that yields notes; its docstring says what must hold.

    Args:
        identity: the rule's id.
        cure: what an author does about a finding.

    Returns:
        The decorator.
    """
    return lambda function: Rule(identity, cure, function)


def rules_of(module: ModuleType) -> list[Rule]:
    """Give a module's rules in the order of their definition."""
    return [value for value in vars(module).values() if isinstance(value, Rule)]


def dotted(node: ast.AST) -> str:
    """Write `a.b.c` for a chain of attributes on a name, else ""."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Give every call with the dotted name of what is called ("" where it has none)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def plot_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Give the calls that show a figure in the course's way."""
    for name, call in calls(tree):
        if name in ("plots.show", "plots.animate"):
            yield call


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a notebook as plain data; None where it is missing or no notebook."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and isinstance(data.get("cells"), list) else None


def number(value: float) -> str:
    """Write points without a needless `.0`."""
    return f"{value:g}"
