"""Rules for imports: the lists of course.toml, and no network."""

import ast
import re
import sys
from collections.abc import Iterator

from autograder.engines.judge.withheld import Withheld
from autograder.lesson import Cell
from autograder.lint.exercises import hidden_mark_line
from autograder.lint.names import free_names, imported_roots
from autograder.lint.rules import Context, Note, calls, rule
from helpers.withheld import find

NETWORK_MODULES = {"socket", "ssl", "http", "urllib", "ftplib", "requests", "httpx", "aiohttp"}
PROCESS_MODULES = {"subprocess", "multiprocessing", "pty"}
STANDARD = frozenset(sys.stdlib_module_names) - NETWORK_MODULES - PROCESS_MODULES

_REMOTE_PICTURE = re.compile(r"!\[[^\]]*\]\(\s*https?:|<(?:img|iframe|script|video)[^>]*https?:")


@rule("answer-imports", "Do without it, or add it to the week's `answers` in course.toml.")
def answer_imports(context: Context) -> Iterator[Note]:
    """Answers import and use only the packages of the week's `answers`."""
    allowed = set(context.week.answers)
    for cell in context.lesson.of_role("answer"):
        yield from _imports_beyond(cell, allowed, "answers")
        given = {
            name: root
            for other in context.lesson.of_role("given")
            for name, root in imported_roots(other.tree).items()
        }
        for name in sorted(free_names(cell)):
            if name in given and given[name] not in allowed:
                yield Note(f"it uses `{name}`, which is of `{given[name]}`", cell)


@rule("demo-imports", "Do without it, or add it to the week's `demos` in course.toml.")
def demo_imports(context: Context) -> Iterator[Note]:
    """Given and demo cells import only the packages of the week's `demos`."""
    allowed = set(context.week.demos) | STANDARD
    for cell in context.lesson.of_role("given", "demo"):
        yield from _imports_beyond(cell, allowed, "demos")


@rule(
    "test-imports", "Import oracles in the hidden region, from the week's `tests` in course.toml."
)
def test_imports(context: Context) -> Iterator[Note]:
    """Hidden tests import only the packages of `tests`; visible checks only what students have."""
    week = context.week
    for cell in context.lesson.of_role("test"):
        mark = hidden_mark_line(cell) or sys.maxsize
        for node in ast.walk(cell.tree):
            for root in _roots(node):
                line = getattr(node, "lineno", 1)
                if root not in {*week.tests, *STANDARD}:
                    yield Note(f"`{root}` is not among the week's `tests`", cell, line)
                elif line < mark and root not in {*week.answers, *week.demos, *STANDARD}:
                    yield Note(
                        f"students may lack `{root}`, which a visible check needs", cell, line
                    )


@rule("network", "Ship what the lesson needs in data/ and read it by `helpers.datasets`.")
def network(context: Context) -> Iterator[Note]:
    """Nothing in a lesson reaches for the network."""
    for cell in context.code:
        for root in sorted(set(imported_roots(cell.tree).values()) & NETWORK_MODULES):
            yield Note(f"it imports `{root}`", cell)
        for name, call in calls(cell.tree):
            if any(k.arg == "download" and not _is_false(k.value) for k in call.keywords):
                yield Note(f"`{name}` may download", cell, call.lineno)
            for argument in call.args:
                if isinstance(argument, ast.Constant) and str(argument.value).startswith(
                    ("http://", "https://", "ftp://")
                ):
                    yield Note(f"`{name}` is given a web address", cell, call.lineno)
    for cell in context.prose:
        if _REMOTE_PICTURE.search(cell.source):
            yield Note("it shows something from the web", cell)


@rule("withheld", "Mend the week's `withheld` in course.toml, or write the answer without it.")
def withheld(context: Context) -> Iterator[Note]:
    """What the week withholds is there to be withheld, and the solution does without it."""
    names = context.week.withheld
    for name in names:
        try:
            find(name)
        except (ImportError, AttributeError) as error:
            yield Note(f"`{name}` is not there ({error})")
    own = {cell.label: cell for cell in context.lesson.of_role("answer")}
    texts = [(cell.label, cell.source, cell.label in own) for cell in context.code]
    for label, line, what in Withheld(context.week.spoken, names).mentions(texts):
        yield Note(f"it uses {what}", own[label], line)


def _imports_beyond(cell: Cell, allowed: set[str], key: str) -> Iterator[Note]:
    for node in ast.walk(cell.tree):
        for root in _roots(node):
            if root not in allowed:
                what = f"`{root}` is not among the week's `{key}`"
                yield Note(what, cell, getattr(node, "lineno", 1))


def _roots(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or ".").split(".")[0]]
    return []


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
