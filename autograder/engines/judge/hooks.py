"""Makes `helpers.checks` work on stand-ins: source, changed arguments and memory of a student's.

The checks read a function's source through its code object, watch its arguments and trace its
memory. A stand-in has no code and gets copies of the arguments, in another process; so in the
judge's process four functions of the checks are replaced by ones that know stand-ins. What is no
stand-in is treated as ever.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterable
from typing import Any

from autograder.engines.judge.faults import StudentFault
from autograder.engines.judge.session import Session
from autograder.engines.judge.standin import StandIn, isinstance_of_stand_in
from helpers.checks import behaviour, source, watch

Answers = Callable[[], list[tuple[int, str]]]


def install(session: Callable[[], Session], answers: Answers) -> None:
    """Replace what the checks use.

    Args:
        session: gives the student's process of the moment.
        answers: gives the student's cells that have run, in their order: number and text.
    """
    call, measure, read = watch.call_and_watch, watch.measure_peak, source.source_of
    line_of_student = behaviour._line_of_student

    def call_and_watch(f: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        with session().writing_back():
            return call(f, args, kwargs)

    def measure_peak(f: Any, args: tuple, kwargs: dict[str, Any]) -> int:
        with session().measuring() as peaks:
            peak = measure(f, args, kwargs)
        return max(peaks) if peaks else peak

    def source_of(f: Any) -> source.Source:
        return (
            find_source(f, [text for _, text in answers()])
            if isinstance_of_stand_in(f)
            else read(f)
        )

    def line_of_error(error: Exception, f: Any) -> list[str]:
        fault = error.__cause__
        if not isinstance(fault, StudentFault):
            return [] if isinstance_of_stand_in(f) else line_of_student(error, f)
        texts = dict(answers())
        for cell, line, _ in reversed(fault.places):
            lines = texts.get(cell, "").split("\n")
            if 0 < line <= len(lines):
                return [f"in line {line} of the cell: {lines[line - 1].strip()}"]
        return []

    watch.call_and_watch = call_and_watch
    watch.measure_peak = measure_peak
    source.source_of = source_of
    behaviour._line_of_student = line_of_error


def find_source(f: StandIn, answers: Iterable[str]) -> source.Source:
    """Find where the student's cells define what a stand-in stands for.

    The last definition of its name counts, as when the cells run; nothing is asked of the
    student's process, which could name another.

    Args:
        f: a stand-in for a function, a method or a class.
        answers: the texts of the cells that have run, in their order.

    Returns:
        The cell and where the definition stands in it.

    Raises:
        SourceNotFoundError: no cell defines it.
    """
    path = f._link.path_of(f)
    found: source.Source | None = None
    origins: dict[str, str] = {}
    for text in answers:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        add_origins(tree, origins)
        place = _place_of(tree, path)
        if place is not None:
            node, owner = place
            found = source.Source(tree, node, owner, text.split("\n"), origins)
    if found is None:
        raise source.SourceNotFoundError(
            "its definition is not found: define it with `def` or `class` in the answer's cell"
        )
    return found


def add_origins(tree: ast.Module, origins: dict[str, str]) -> None:
    """Note what names stand for: modules, and functions of libraries or of Python itself.

    Args:
        tree: a cell.
        origins: full names by name; added to, and names that are bound anew are dropped.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                top = item.name.split(".")[0]
                origins[item.asname or top] = item.name if item.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                every = vars(sys.modules.get(node.module, ast)) if item.name == "*" else ()
                for name in every or (item.name,):
                    origins[item.asname or name] = f"{node.module}.{name}"
        elif isinstance(node, ast.Assign):
            head, dot, rest = ast.unparse(node.value).partition(".")
            full = origins.get(head, head if hasattr(builtins, head) else "") + dot + rest
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                origins.pop(name, None)
            if full.replace(".", "").isidentifier() and not full.startswith("."):
                origins.update(dict.fromkeys(names, full))


def _place_of(
    tree: ast.AST, path: tuple[str, ...], owner: ast.ClassDef | None = None
) -> tuple[source.Definition, ast.ClassDef | None] | None:
    """Find the last definition of a name in the statements of a module or class."""
    found: tuple[source.Definition, ast.ClassDef | None] | None = None
    for node in ast.walk(tree) if owner is None else ast.iter_child_nodes(tree):
        if isinstance(node, ast.Assign) and _assigns(node, path[0]):
            if isinstance(node.value, ast.Lambda):
                found = (node.value, owner) if len(path) == 1 else None
            elif isinstance(node.value, ast.Name) and node.value.id != path[0]:
                found = _place_of(tree, (node.value.id, *path[1:]), owner) or found
        elif isinstance(node, source.Definition) and getattr(node, "name", None) == path[0]:
            if len(path) == 1:
                found = (node, owner)
            elif isinstance(node, ast.ClassDef):
                found = _place_of(node, path[1:], node)
    return found


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
