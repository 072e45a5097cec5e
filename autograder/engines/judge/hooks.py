"""Makes `helpers.checks` work on stand-ins: source, changed arguments and memory of a student's.

The checks read a function's source through its code object, watch its arguments and trace its
memory. A stand-in has no code and gets copies of the arguments, in another process; so in the
judge's process four functions of the checks are replaced by ones that know stand-ins. What is no
stand-in is treated as ever.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import numpy as np

from autograder.engines.judge.cells import tree_of
from autograder.engines.judge.faults import StudentFault
from autograder.engines.judge.session import Session
from autograder.engines.judge.standin import StandIn, isinstance_of_stand_in
from helpers.checks import behaviour, plain, source, watch
from helpers.checks.plain import type_name

Answers = Callable[[], list[tuple[int, str]]]


def install(session: Callable[[], Session], answers: Answers) -> None:
    """Replace what the checks use.

    Args:
        session: gives the student's process of the moment.
        answers: gives the student's cells that have run, in their order: number and text.
    """
    call, measure, read = watch.call_and_watch, watch.measure_peak, source.source_of
    line_of_student, refuse = behaviour._line_of_student, plain._refusal

    def call_and_watch(f: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        with session().writing_back():
            return call(f, args, kwargs)

    def measure_peak(f: Any, args: tuple, kwargs: dict[str, Any]) -> int:
        with session().measuring() as peaks:
            peak = measure(f, args, kwargs)
        return max(peaks) if peaks else peak

    def source_of(f: Any) -> source.Source:
        return find_source(f, answers()) if isinstance_of_stand_in(f) else read(f)

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

    def refusal(value: Any) -> str:
        return refusal_of(value, refuse) if isinstance_of_stand_in(value) else refuse(value)

    plain._refusal = refusal
    watch.call_and_watch = call_and_watch
    watch.measure_peak = measure_peak
    source.source_of = source_of
    behaviour._line_of_student = line_of_error


def refusal_of(stand_in: StandIn, refuse: Callable[[Any], str]) -> str:
    """Say why what a stand-in stands for is no plain data, as the checks say it of the thing.

    Args:
        stand_in: any.
        refuse: the checks' own sentence for an object.

    Returns:
        The sentence.
    """
    reference = stand_in._reference
    if reference.kind == "function":
        return refuse(refuse)
    if reference.kind == "class":
        return refuse(StandIn)
    if reference.kind == "iterator":
        return refuse(zip()).replace("zip", type_name(stand_in))
    if ("torch", "Tensor") in reference.bases:
        return "your result is a tensor that is sparse, quantised or of a class of its own"
    kinds = dict.fromkeys(name for home, name in reference.bases if home.startswith("numpy"))
    if "matrix" in kinds:
        return refuse(np.empty((1, 1)).view(np.matrix))
    if "MaskedArray" in kinds:
        return refuse(np.ma.array([]))
    if "ndarray" not in kinds:
        return refuse(stand_in)
    if reference.name != "ndarray":
        return refuse(np.empty(0).view(type(type_name(stand_in), (np.ndarray,), {})))
    return (
        "your result is an array of Python objects, dates or records, not of numbers; "
        "were its rows of different lengths?"
    )


def find_source(f: StandIn, answers: Iterable[tuple[int, str]]) -> source.Source:
    """Find where the student's cells define what a stand-in stands for.

    Two things say so: the text, in which the last definition of its name counts, as when the cells
    run; and the student's process, which knows what the name really stands for but may lie. Where
    they name two definitions, both are read.

    Args:
        f: a stand-in for a function, a method or a class.
        answers: the student's cells that have run, in their order: number and text.

    Returns:
        The cell and where the definition stands in it.

    Raises:
        SourceNotFoundError: no cell defines it.
    """
    path, told = f._link.path_of(f), f._link.place_of(f)
    by_name: source.Source | None = None
    by_process: source.Source | None = None
    origins: dict[str, str] = {}
    for cell, text in answers:
        tree = tree_of(text)
        if tree is None:
            continue
        add_origins(tree, origins)
        place = _place_of(tree, path)
        if place is not None:
            by_name = source.Source(tree, *place, text.split("\n"), origins)
        if told is not None and told[0] == cell:
            place = _place_at(tree, told[1])
            by_process = place and source.Source(tree, *place, text.split("\n"), origins)
    found = by_name or by_process
    if found is None:
        raise source.SourceNotFoundError(
            "its definition is not found: define it with `def` or `class` in the answer's cell"
        )
    if by_process is None or by_process.node is found.node:
        return found
    return _both(found, by_process)


def _both(one: source.Source, other: source.Source) -> source.Source:
    """Put two definitions together, so that what holds for the result holds for both."""
    cell, lines = one.cell, one.lines
    if other.cell is not cell:  # the lines of the second cell go on after those of the first
        ast.increment_lineno(other.cell, len(lines))
        cell = ast.Module([*cell.body, *other.cell.body], [])
        lines = [*lines, *other.lines]
    nodes = cast(list[ast.stmt], [one.node, other.node])
    definitions = cast(source.Definition, ast.Module(nodes, []))
    return source.Source(cell, definitions, one.owner, lines, one.origins)


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
    for node in _statements(tree):
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


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """List the statements of a module or class, also below `if` and the like, in their order."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, source.Definition):
            yield from _statements(node)


def _place_at(
    tree: ast.AST, line: int, owner: ast.ClassDef | None = None
) -> tuple[source.Definition, ast.ClassDef | None] | None:
    """Find the definition that begins in a line, its decorators included."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, source.Definition) and not isinstance(node, ast.ClassDef):
            decorators = getattr(node, "decorator_list", [])
            if line == min([node.lineno, *(part.lineno for part in decorators)]):
                return node, owner
        found = _place_at(node, line, node if isinstance(node, ast.ClassDef) else None)
        if found is not None:
            return found
    return None


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
