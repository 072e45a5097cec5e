"""Makes all generic mutants of an answer."""

import ast
import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.mutation import arithmetic, arrays, statements
from autograder.mutation.syntax import Edit, Site, sites, solution_lines

EXPRESSION_OPERATORS: tuple[Callable[[Site], Iterator[tuple[str, ast.expr]]], ...] = (
    arrays.axes,
    arrays.functions,
    arrays.copies,
    arrays.types,
    arrays.keywords,
    arrays.arguments,
    arrays.ranges,
    arrays.subscripts,
    arithmetic.sign,
    arithmetic.terms,
    arithmetic.factors,
    arithmetic.matrix_products,
    arithmetic.constants,
    arithmetic.comparisons,
    arithmetic.logic,
)
STATEMENT_OPERATORS: tuple[Callable[[Site], Iterator[tuple[str, list[ast.stmt]]]], ...] = (
    statements.deletions,
    statements.updates,
    statements.in_place,
    statements.repeated_indices,
    statements.multiple_values,
    statements.conditions,
    statements.loops,
)


@dataclass(frozen=True)
class Mutant:
    """An answer with one mistake in it.

    Args:
        operator: the kind of mistake, or the name somebody gave it.
        line: the line of the answer cell where it begins, counted from 1; 0 where it is not known.
        source: the whole cell with the mistake, as `ast.unparse` prints it.
        diff: unified difference to the solution, both as `ast.unparse` prints them.
        removed: the lines that went, without indentation.
        added: the lines that came, without indentation.
        by_hand: written by a lesson's author, not made from the syntax tree.
    """

    operator: str
    line: int
    source: str
    diff: str
    removed: str
    added: str
    by_hand: bool = False


def generic_mutants(source: str) -> list[Mutant]:
    """Plant every generic mistake into an answer, one at a time.

    Args:
        source: the answer cell of the solution.

    Returns:
        Mutants in reading order, no two of the same text, none equal to the solution, all of them
        valid Python. Only lines between the solution markers are changed.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    for edit in _edits(tree, solution_lines(source)):
        changed = edit.unparse(tree)
        if changed != original and changed not in found and _compiles(changed):
            found[changed] = make_mutant(original, changed, edit.operator, edit.line)
    return list(found.values())


def make_mutant(
    original: str, changed: str, operator: str, line: int, *, by_hand: bool = False
) -> Mutant:
    """Describe a changed answer.

    Args:
        original: the solution as `ast.unparse` prints it.
        changed: the answer with the mistake, printed likewise.
        operator: what kind of mistake it is.
        line: where in the cell.
        by_hand: whether somebody wrote it.

    Returns:
        The mutant with its difference to the solution.
    """
    before, after = original.splitlines(), changed.splitlines()
    removed, added = _changed_lines(before, after)
    place = f"line {line}: {operator}" if line else operator
    lines = difflib.unified_diff(before, after, "solution", place, n=1, lineterm="")
    return Mutant(
        operator, line, changed, "\n".join(lines), _flat(removed), _flat(added), by_hand=by_hand
    )


def _edits(tree: ast.Module, lines: frozenset[int]) -> Iterator[Edit]:
    """Go through all places and all operators."""
    for site in sites(tree, lines):
        line = getattr(site.node, "lineno", 0)
        if isinstance(site.node, ast.stmt):
            for statement_operator in STATEMENT_OPERATORS:
                for name, block in statement_operator(site):
                    yield Edit(name, line, site.parent, site.field, block)
            continue
        for expression_operator in EXPRESSION_OPERATORS:
            for name, new in expression_operator(site):
                value: object = new
                if site.index is not None:
                    block = site.siblings
                    value = [*block[: site.index], new, *block[site.index + 1 :]]
                yield Edit(name, line, site.parent, site.field, value)


def _compiles(source: str) -> bool:
    """Say whether this is valid Python."""
    try:
        compile(source, "<mutant>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _changed_lines(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    """Cut off what two texts have in common at the beginning and at the end."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


def _flat(lines: list[str]) -> str:
    """Join lines without their indentation."""
    return "\n".join(line.strip() for line in lines if line.strip())
