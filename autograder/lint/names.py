"""Rules for which cell may use whose names: nothing graded depends on a demonstration."""

import ast
import builtins
import symtable
from collections.abc import Iterator
from functools import lru_cache

from autograder.lesson import Cell
from autograder.lint.rules import Context, Note, calls, rule

_PROVIDED = frozenset({*dir(builtins), "__name__", "__file__", "display", "get_ipython"})


@lru_cache(maxsize=1024)
def bound_names(cell: Cell) -> frozenset[str]:
    """Give the names that a code cell binds at its top level, imports included."""
    table = _table(cell)
    return frozenset(
        s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()
    )


@lru_cache(maxsize=1024)
def free_names(cell: Cell) -> frozenset[str]:
    """Give the names that a code cell reads and neither binds nor finds among the built-ins."""
    table = _table(cell)
    used = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    waiting = list(table.get_children())
    while waiting:
        inner = waiting.pop()
        used |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
        waiting += inner.get_children()
    return frozenset(used - bound_names(cell) - _PROVIDED)


def imported_roots(tree: ast.AST) -> dict[str, str]:
    """Give the names that imports bind, each with its top-level package."""
    roots: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                roots[alias.asname or root] = root
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                roots[alias.asname or alias.name] = (node.module or "").split(".")[0]
    return roots


@rule("test-names", "Let the test build what it needs, or bind it in a given cell above.")
def test_names(context: Context) -> Iterator[Note]:
    """A test uses only given names, answers with their private helpers, and what is its own."""
    for test in context.lesson.of_role("test"):
        allowed = _given_before(context, test) | _answers_before(context, test)
        for name in sorted(free_names(test) - allowed):
            yield Note(f"it uses `{name}`{_origin(context, test, name)}", test, line_of(test, name))


@rule("answer-names", "Let the answer use its arguments, given names and earlier answers only.")
def answer_names(context: Context) -> Iterator[Note]:
    """An answer uses only given names, answers, and what it defines itself."""
    for answer in context.lesson.of_role("answer"):
        allowed = _given_before(context, answer) | context.answer_names
        for name in sorted(free_names(answer) - allowed):
            origin = _origin(context, answer, name)
            yield Note(f"it uses `{name}`{origin}", answer, line_of(answer, name))


@rule("given-names", "Tag the cell `demo`, or take what it uses from given cells.")
def given_names(context: Context) -> Iterator[Note]:
    """A given cell uses no student's name and nothing of a demonstration or test."""
    for cell in context.lesson.of_role("given"):
        allowed = _given_before(context, cell)
        for name in sorted(free_names(cell) - allowed):
            yield Note(f"it uses `{name}`{_origin(context, cell, name)}", cell, line_of(cell, name))


@rule("rebinding", "Choose another name in the later cell.")
def rebinding(context: Context) -> Iterator[Note]:
    """No later cell binds anew a given name that answers or tests use, nor an answer's name."""
    graded = context.lesson.of_role("answer", "test")
    used = {name for cell in graded for name in free_names(cell)}
    givens: dict[str, Cell] = {}
    for cell in context.code:
        bound = bound_names(cell)
        if cell.role == "given":
            for name in bound:
                givens.setdefault(name, cell)
            bound = frozenset()
        imported = imported_roots(cell.tree)
        for name in sorted(bound & used & set(givens)):
            if name not in imported or name not in imported_roots(givens[name].tree):
                what = f"it binds `{name}` anew, which {givens[name].label} gives to graded cells"
                yield Note(what, cell, line_of(cell, name))
        others = context.answer_names - {cell.grade_id}
        for name in sorted(bound_names(cell) & others):
            yield Note(f"it binds the answer's name `{name}`", cell, line_of(cell, name))


@rule("test-own-random", "Let the test make `np.random.default_rng(seed)` of its own.")
def test_own_random(context: Context) -> Iterator[Note]:
    """No graded cell draws from a generator that other cells have drawn from."""
    shared = {
        target.id
        for cell in context.code
        if cell.role in ("given", "demo")
        for node in cell.tree.body
        if isinstance(node, ast.Assign) and _makes_generator(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for cell in context.lesson.of_role("test", "answer"):
        for name in sorted(free_names(cell) & shared):
            yield Note(f"it draws from the shared `{name}`", cell, line_of(cell, name))


def _makes_generator(value: ast.AST) -> bool:
    names = {name for name, _ in calls(value)} if isinstance(value, ast.Call) else set()
    return any(dotted_name.endswith(("default_rng", "RandomState")) for dotted_name in names)


def _given_before(context: Context, cell: Cell) -> frozenset[str]:
    given = (c for c in context.lesson.of_role("given") if c.index < cell.index)
    return frozenset(name for c in given for name in bound_names(c))


def _answers_before(context: Context, cell: Cell) -> frozenset[str]:
    answers = [c for c in context.lesson.of_role("answer") if c.index < cell.index]
    private = {name for c in answers for name in bound_names(c) if name.startswith("_")}
    return frozenset(private | {c.grade_id or "" for c in answers})


def _origin(context: Context, cell: Cell, name: str) -> str:
    """Say which cell binds a name."""
    kinds = {"demo": "demonstration", "test": "test", "given": "given", "answer": "answer"}
    for other in reversed(context.code):
        if other.index != cell.index and name in bound_names(other):
            where = "later" if other.index > cell.index else ""
            return f" of the {' '.join(filter(None, (where, kinds[other.role])))} {other.label}"
    return ", which nothing binds"


def line_of(cell: Cell, name: str) -> int:
    """Give the line of a cell, from 1, on which a name is first seen."""
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.Name) and node.id == name:
            return node.lineno
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node.lineno
    return 1


def _table(cell: Cell) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(cell.tree), cell.label, "exec")
