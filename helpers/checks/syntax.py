"""Checks of how an answer is written: which functions it calls, and whether it loops."""

import ast
from collections.abc import Callable
from typing import Any

from helpers.checks import source as sources
from helpers.checks.messages import fail
from helpers.checks.names import Names, used_names
from helpers.checks.source import Source, SourceNotFoundError, parts_of


def name_of(f: Any) -> str:
    """Return the name by which a function or class is known.

    Args:
        f: a function, class, or anything callable.

    Returns:
        Its name, or "the function" where it has none.
    """
    name = getattr(f, "__name__", None)
    return name if isinstance(name, str) and name.isprintable() else "the function"


def forbids(f: Callable[..., Any], *names: str) -> None:
    """Check that an answer does without certain functions.

    The syntax is read, nothing runs. Helpers defined in the same cell belong to the answer.

    Args:
        f: a function or class.
        *names: such as "sorted", "np.linalg.norm", "np.linalg" (all of it), "x.sort" (the method
            `sort` of anything), "@" (the matrix product). A function of NumPy that arrays have as
            a method counts in that form too, and aliases are seen through.

    Raises:
        AssertionError: if one of them is used, or the source cannot be read.
    """
    __tracebackhide__ = True
    source = _source_or_fail(f)
    wanted = Names(names)
    for part in parts_of(source):
        for use in used_names(part, source):
            reason = wanted.matches(use)
            if reason:
                line = source.line(use.line)
                lines = [f"line {use.line}: {line}"]
                sentence = f"`{name_of(f)}` does without {reason}"
                fail(sentence, lines, hidden_lines=lines)


_LOOPS: dict[type[ast.AST], str] = {
    ast.For: "a `for` loop",
    ast.AsyncFor: "a `for` loop",
    ast.While: "a `while` loop",
    ast.ListComp: "a list comprehension",
    ast.SetComp: "a set comprehension",
    ast.DictComp: "a dict comprehension",
    ast.GeneratorExp: "a generator expression",
}
_LOOPING = Names(
    (
        "np.vectorize",
        "np.apply_along_axis",
        "np.apply_over_axes",
        "np.frompyfunc",
        "np.fromiter",
        "np.nditer",
        "np.ndenumerate",
        "np.ndindex",
        "np.piecewise",
        "map",
        "filter",
        "functools.reduce",
        "itertools",
    )
)


def vectorised(f: Callable[..., Any]) -> None:
    """Check that an answer works on whole arrays: no loop, and nothing that hides one.

    The syntax is read, nothing runs. Helpers defined in the same cell belong to the answer; one
    that calls itself counts as a loop. A loop over a few things written out, as in
    `for part in (a, b)`, is none: its length does not grow with the data.

    Args:
        f: a function or class.

    Raises:
        AssertionError: if there is a loop, or the source cannot be read.
    """
    __tracebackhide__ = True
    source = _source_or_fail(f)
    for part in parts_of(source):
        found = _loop_in(part, source)
        if found:
            what, line_number = found
            lines = [f"line {line_number} has {what}: {source.line(line_number)}"]
            fail(f"`{name_of(f)}` works on whole arrays, with no loop", lines, hidden_lines=lines)


def _loop_in(part: ast.AST, source: Source) -> tuple[str, int] | None:
    for node in ast.walk(part):
        if type(node) in _LOOPS and not _is_written_out(node):
            return _LOOPS[type(node)], getattr(node, "lineno", 1)
    spared = _lines_of_short_maps(part)
    for use in used_names(part, source):
        if use.name == "map" and use.line in spared:
            continue
        if _LOOPING.matches(use):
            return f"`{use.written}`, a loop in disguise", use.line
        if isinstance(part, ast.FunctionDef) and use.name == part.name and use.called:
            return "a call of the function itself, a loop in disguise", use.line
    return None


def _is_written_out(node: ast.AST) -> bool:
    """Say whether a loop only goes through a list or tuple whose items stand in the source."""
    clauses = getattr(node, "generators", [node])
    return all(_is_short(getattr(clause, "iter", None)) for clause in clauses)


def _is_short(items: ast.AST | None) -> bool:
    if not isinstance(items, ast.Tuple | ast.List):
        return False
    return not any(isinstance(item, ast.Starred) for item in items.elts)


def _lines_of_short_maps(part: ast.AST) -> set[int]:
    """List the lines on which `map` only goes through items that stand in the source."""
    nodes = list(ast.walk(part))
    short = {
        id(node.func)
        for node in nodes
        if isinstance(node, ast.Call) and node.args[1:] and all(map(_is_short, node.args[1:]))
    }
    maps = [node for node in nodes if isinstance(node, ast.Name) and node.id == "map"]
    return {node.lineno for node in maps} - {node.lineno for node in maps if id(node) not in short}


def _source_or_fail(f: Any) -> Source:
    __tracebackhide__ = True
    try:
        return sources.source_of(f)
    except SourceNotFoundError as error:
        fail(f"the source of `{name_of(f)}` can be read", [str(error)], hidden_lines=[str(error)])
