"""What the text of a cell says: the names that it binds and uses, its imports, what is hidden."""

import ast
import contextlib
import functools
import types
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.engines.judge.faults import Place
from helpers.checks.hidden import BEGIN, END
from helpers.notebooks import parse_cell

_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_REMEMBERED = 1024  # cells: all of a notebook as it was released, and some


@dataclass(frozen=True)
class Bound:
    """The names that a cell binds at its top level.

    Attributes:
        names: all of them.
        classes: those of classes.
        imports: those of imported things.
    """

    names: frozenset[str]
    classes: frozenset[str]
    imports: frozenset[str]


@functools.lru_cache(_REMEMBERED)
def bound_names(source: str) -> Bound:
    """List the names that a cell binds at its top level; none where it cannot be read."""
    names: set[str] = set()
    classes: set[str] = set()
    imports: set[str] = set()
    for statement in _body(source):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            if isinstance(statement, ast.ClassDef):
                classes.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                imports.add((node.asname or node.name).split(".")[0])
    return Bound(frozenset(names | imports), frozenset(classes), frozenset(imports))


@functools.lru_cache(_REMEMBERED)
def imports_of(source: str) -> str:
    """Give the import statements at the top level of a cell."""
    kept = [part for part in _body(source) if isinstance(part, ast.Import | ast.ImportFrom)]
    return "\n".join(map(ast.unparse, kept))


def tree_of(source: str) -> ast.Module | None:
    """Read a student's cell, which may hold IPython's own lines; None where it cannot be read."""
    with contextlib.suppress(*_UNREADABLE):
        return parse_cell(source)
    return None


def leading_blank_lines(source: str) -> int:
    """Count the blank lines at a cell's beginning, which IPython drops before it counts lines."""
    lines = source.splitlines()
    return next((number for number, line in enumerate(lines) if line.strip()), 0)


def _body(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except _UNREADABLE:
        return []


@functools.lru_cache(_REMEMBERED)
def used_names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """List the names that a cell reads, and those that it binds anywhere."""
    loaded: set[str] = set()
    stored: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            stored.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            stored.add(node.name)
    return frozenset(loaded), frozenset(stored)


@functools.lru_cache(_REMEMBERED)
def compiled(name: str, source: str) -> tuple[types.CodeType, types.CodeType | None]:
    """Compile a cell.

    Args:
        name: under which tracebacks and the checks know it.
        source: its text.

    Returns:
        Its code; and, apart, that of its last line if that is an expression that IPython would
        show.

    Raises:
        SyntaxError: it cannot be compiled.
    """
    tree = ast.parse(source, name)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    code = compile(tree, name, "exec", dont_inherit=True)
    return code, compile(last, name, "eval", dont_inherit=True) if last else None


def is_hidden(source: str, places: Sequence[Place]) -> bool:
    """Say whether one of the lines of a test cell stands in its hidden region."""
    hidden, inside = set(), False
    for number, line in enumerate(source.split("\n"), 1):
        inside = inside or line.strip().startswith(BEGIN)
        if inside:
            hidden.add(number)
        inside = inside and not line.strip().startswith(END)
    return any(line in hidden for _, line, _ in places)
