"""A student's own answers of an earlier week, taken from the notebook that lies beside this one.

`work("week03_backpropagation", "Linear", "ReLU")` reads ../week03_backpropagation/
backpropagation.ipynb, runs the definitions that these two need (no test, no demonstration, nothing
else) in a module of their own, and gives them. What is missing there, not written yet or stops with
an error comes from `helpers.nn`, verified; `own=False` takes everything from there.
"""

import ast
import builtins
import contextlib
import dis
import importlib
import io
import linecache
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from helpers.notebooks import Cell, NotebookError, parse_cell, read_notebook

LONGEST_REASON = 90

_WEEK = re.compile(r"week\d+_([a-z0-9_]+)")
_UNWRITTEN = "is not written yet"
_ROLES = ("given", "answer")
# Answers whose verified version has another name, or gives (loss, gradient) where the loss is asked
_RENAMED = {("week03_backpropagation", "softmax_cross_entropy"): "cross_entropy"}
_LOSS_ALONE = {
    ("week02_feedforward", name)
    for name in ("cross_entropy", "mse", "binary_cross_entropy_with_logits")
}


def work(week: str, *names: str, own: bool = True) -> Any:
    """Give answers of an earlier week, and print one line that says whose they are.

    Args:
        week: the earlier week's folder, such as "week03_backpropagation".
        names: the functions and classes that are wanted.
        own: the student's own where there are any; False takes the verified ones.

    Returns:
        The object for one name, a tuple in the order of the names for several.

    Raises:
        ValueError: the week is no name of a week, or no name is given.
        LookupError: one is neither in the notebook nor among the verified ones.
    """
    if not _WEEK.fullmatch(week) or not names:
        raise ValueError(
            f"earlier.work takes a week's folder and names, not {(week, *names)}: "
            'earlier.work("week03_backpropagation", "Linear")'
        )
    found = _Found(week)
    if own:
        _take_own(found, names)
    else:
        for name in names:
            found.fall_back(name, "own=False")
    for name in names:
        if name not in found.namespace:
            raise LookupError(
                f"`{name}` of {week}: {found.lacking[name]}, and helpers.nn has no verified "
                "version of it that is open yet. Write it there and save that notebook."
            )
    print(found.line(names))
    objects = tuple(found.namespace[name] for name in names)
    return objects[0] if len(objects) == 1 else objects


def verified_name(week: str, name: str) -> str:
    """Return what the verified version of an answer is called in `helpers.nn`, if there is one.

    Args:
        week: the folder of its week.
        name: the answer's name.
    """
    return _RENAMED.get((week, name), name)


@dataclass
class _Statement:
    """A statement of a notebook: what it binds, what it needs, and what it still lacks."""

    code: CodeType
    label: str
    binds: set[str]
    needs: set[str]
    unwritten: str


@dataclass
class _Found:
    """What was found so far: objects, and why others are not the student's own."""

    week: str
    module: ModuleType = field(init=False)
    lacking: dict[str, str] = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.module = ModuleType(f"earlier_{self.week}")

    @property
    def namespace(self) -> dict[str, Any]:
        return self.module.__dict__

    def fall_back(self, name: str, reason: str) -> None:
        """Take the verified version of a name, or note that there is none."""
        verified = _verified(self.week, name)
        self.namespace.pop(name, None)
        if verified is None:
            self.lacking[name] = reason
        else:
            self.namespace[name] = verified
            self.verified[name] = reason

    def line(self, names: tuple[str, ...]) -> str:
        """Say which names came from where, verified ones with the reason."""
        mine = ", ".join(name for name in names if name not in self.verified)
        reasons: dict[str, list[str]] = {}
        for name in dict.fromkeys((*names, *sorted(self.verified))):
            if name in self.verified:
                reasons.setdefault(self.verified[name], []).append(name)
        others = "; ".join(f"{', '.join(found)} ({why})" for why, found in reasons.items())
        parts = [f"your own, from {self.week}: {mine}"] if mine else []
        parts += [f"verified, from helpers.nn: {others}"] if others else []
        text = " · ".join(parts)
        return text[0].upper() + text[1:]


def _take_own(found: _Found, names: tuple[str, ...]) -> None:
    """Run what the names need of the student's notebook; fall back where that fails."""
    path = Path("..", found.week, f"{found.week.partition('_')[2]}.ipynb")
    try:
        statements = [
            statement
            for cell in read_notebook(path).cells
            if cell.kind == "code" and cell.role in _ROLES
            for statement in _statements(cell, found.week)
        ]
    except NotebookError as error:
        missing = not os.path.exists(path)  # which raises nothing, other than the path's own
        reason = f"there is no {path.as_posix()}" if missing else error.message.rstrip(".")
        for name in names:
            found.fall_back(name, reason)
        return
    wanted = _closure(statements, names)
    bound = {name for statement in statements for name in statement.binds}
    for name in sorted(wanted - bound):
        if name in names or not hasattr(builtins, name):
            found.fall_back(name, "it is not in your notebook")
    sys.modules[found.module.__name__] = found.module
    for statement in statements:
        if statement.binds & wanted:
            _run(statement, found)
    for name in names:
        lacked = sorted(_closure(statements, [name]) & found.lacking.keys() - {name})
        if lacked and name in found.namespace and name not in found.verified:
            found.fall_back(name, f"yours needs `{lacked[0]}`: {found.lacking[lacked[0]]}")


def _run(statement: _Statement, found: _Found) -> None:
    reason = statement.unwritten
    if not reason:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(statement.code, found.namespace)  # the student's own code, on their machine
        except (Exception, SystemExit) as error:
            lacked = sorted(statement.needs & found.lacking.keys())
            first = str(error).strip().partition("\n")[0]
            reason = f"{statement.label} stops with {type(error).__name__}: {first}"
            if lacked:
                reason = f"yours needs `{lacked[0]}`: {found.lacking[lacked[0]]}"
            reason = reason[:LONGEST_REASON]
        else:
            for name in statement.binds:
                found.verified.pop(name, None)
                found.lacking.pop(name, None)
            return
    for name in sorted(statement.binds):
        if name not in found.namespace:
            found.fall_back(name, reason)


def _statements(cell: Cell, week: str) -> Iterator[_Statement]:
    """Take a cell apart; one that is no Python counts as one statement that cannot be run."""
    label = f"`{cell.grade_id}`" if cell.grade_id else f"cell {cell.index + 1}"
    file = f"<{week}, {label}>"
    try:
        tree = parse_cell(cell.source, file)
        codes = [compile(ast.Module([node], []), file, "exec") for node in tree.body]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        code = compile("", file, "exec")
        binds = {cell.grade_id} if cell.grade_id else set()
        what = getattr(error, "msg", None) or str(error)
        yield _Statement(code, label, binds, set(), f"{label} is no Python: {what}")
        return
    linecache.cache[file] = (0, None, cell.source.splitlines(keepends=True), file)
    for node, code in zip(tree.body, codes, strict=True):
        parts = list(_parts(code))
        binds = {i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"}
        binds |= _changed(node) | _star(node)
        needs = {
            i.argval
            for part in parts
            for i in dis.get_instructions(part)
            if i.opname in ("LOAD_NAME", "LOAD_GLOBAL")
        }
        unwritten = next((s for part in parts if (s := _unwritten(part))), "")
        yield _Statement(code, label, binds, needs, unwritten)


def _parts(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _unwritten(code: CodeType) -> str:
    """Give the sentence of a stub; one that a `return` before it cuts off is not compiled."""
    raises = any(i.argval == "NotImplementedError" for i in dis.get_instructions(code))
    for i in dis.get_instructions(code):
        if raises and i.opname == "LOAD_CONST" and str(i.argval).endswith(_UNWRITTEN):
            return str(i.argval)
    return ""


def _changed(node: ast.stmt) -> set[str]:
    """Name what an assignment such as `Tensor.relu = relu` changes a part of."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    roots = set()
    for target in targets:
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        roots |= {target.id} if isinstance(target, ast.Name) else set()
    return roots


def _star(node: ast.stmt) -> set[str]:
    """Name what `from math import *` binds."""
    if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*" or not node.module:
        return set()
    try:
        module = importlib.import_module(node.module)
    except Exception:
        return set()
    return set(getattr(module, "__all__", None) or [n for n in vars(module) if n[0] != "_"])


def _closure(statements: list[_Statement], names: Iterable[str]) -> set[str]:
    """Give the names, and all that the statements binding them need in turn."""
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [need for s in statements if name in s.binds for need in s.needs]
    return wanted


def _verified(week: str, name: str) -> Any:
    """Give the verified version of an answer, or None where there is none that is open."""
    from helpers import nn

    if name.startswith("_"):
        return None
    found = getattr(nn, verified_name(week, name), None)
    if isinstance(found, ModuleType) or found is None:
        return None
    return _loss_of(found) if (week, name) in _LOSS_ALONE else found


def _loss_of(loss_and_gradient: Callable[..., tuple[float, Any]]) -> Callable[..., float]:
    def loss(*arguments: Any, **named: Any) -> float:
        return loss_and_gradient(*arguments, **named)[0]

    loss.__doc__ = loss_and_gradient.__doc__
    return loss
