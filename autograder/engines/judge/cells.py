"""What the text of a cell says: the names that it binds and uses, its imports, what is hidden."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.engines.judge.faults import Place
from helpers.checks.hidden import BEGIN, END


@dataclass
class Bound:
    """The names that a cell binds at its top level.

    Attributes:
        names: all of them.
        classes: those of classes.
        imports: those of imported things.
    """

    names: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)


def bound_names(source: str) -> Bound:
    """List the names that a cell binds at its top level; none where it cannot be read."""
    bound = Bound()
    for statement in _body(source):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.names.add(statement.name)
            if isinstance(statement, ast.ClassDef):
                bound.classes.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.names.add(node.id)
            elif isinstance(node, ast.alias):
                bound.imports.add((node.asname or node.name).split(".")[0])
    bound.names |= bound.imports
    return bound


def imports_of(source: str) -> str:
    """Give the import statements at the top level of a cell."""
    kept = [part for part in _body(source) if isinstance(part, ast.Import | ast.ImportFrom)]
    return "\n".join(map(ast.unparse, kept))


def _body(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def used_names(source: str) -> tuple[set[str], set[str]]:
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
    return loaded, stored


def is_hidden(source: str, places: Sequence[Place]) -> bool:
    """Say whether one of the lines of a test cell stands in its hidden region."""
    hidden, inside = set(), False
    for number, line in enumerate(source.split("\n"), 1):
        inside = inside or line.strip().startswith(BEGIN)
        if inside:
            hidden.add(number)
        inside = inside and not line.strip().startswith(END)
    return any(line in hidden for _, line, _ in places)
