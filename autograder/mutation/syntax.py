"""Where in an answer a mistake can be planted: walking, swapping and printing syntax trees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

BEGIN_SOLUTION = re.compile(r"^\s*### BEGIN SOLUTION")
END_SOLUTION = re.compile(r"^\s*### END SOLUTION")
ARRAY_MODULES = frozenset({"np", "numpy", "torch"})
ARRAY_ATTRIBUTES = frozenset({
    "shape", "ndim", "size", "dtype", "T", "sum", "mean", "max", "min", "std", "var", "copy",
    "astype", "reshape", "dot", "ravel", "argmax", "argmin",
})  # fmt: skip
UNTOUCHED_FIELDS = frozenset({"annotation", "returns", "decorator_list", "exc", "cause", "msg"})

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Site:
    """One node of an answer's tree and the way down to it.

    Args:
        node: an expression or a statement.
        parent: the node that holds it.
        field: the name of the parent's attribute that holds it.
        index: its place there when that attribute is a list, else None.
        ancestors: all nodes above it, the nearest last.
    """

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    ancestors: tuple[ast.AST, ...]

    @property
    def function(self) -> FunctionNode | None:
        """The innermost function around the node."""
        for node in reversed(self.ancestors):
            if isinstance(node, FunctionNode):
                return node
        return None

    @property
    def in_validation(self) -> bool:
        """Whether the node is part of a condition under which an error is raised."""
        path = [*self.ancestors, self.node]
        return any(
            isinstance(above, ast.If)
            and isinstance(above.body[0], ast.Raise)
            and below is above.test
            for above, below in pairwise(path)
        )

    @property
    def siblings(self) -> list[Any]:
        """The list that the node is in; empty where it stands alone."""
        return getattr(self.parent, self.field) if self.index is not None else []

    def inside(self, *kinds: type[ast.AST]) -> bool:
        """Say whether one of the nodes above is of one of these kinds."""
        return any(isinstance(node, kinds) for node in self.ancestors)


@dataclass(frozen=True)
class Edit:
    """A change to a tree: attribute `field` of `owner` becomes `value`.

    Args:
        operator: what kind of mistake it is, in a few words.
        line: line within the cell, counted from 1.
        owner: the node that changes.
        field: which of its attributes.
        value: the new value of that attribute.
    """

    operator: str
    line: int
    owner: ast.AST
    field: str
    value: Any

    def unparse(self, tree: ast.Module) -> str:
        """Print the tree with the change made; the tree itself stays as it was."""
        before = getattr(self.owner, self.field)
        setattr(self.owner, self.field, self.value)
        try:
            return ast.unparse(tree)
        finally:
            setattr(self.owner, self.field, before)


def solution_lines(source: str) -> frozenset[int]:
    """Find the lines that a student writes.

    Args:
        source: an answer cell.

    Returns:
        Line numbers, counted from 1, between the solution markers; all lines where there are none.
    """
    lines: set[int] = set()
    inside = found = False
    total = 0
    for total, line in enumerate(source.splitlines(), start=1):
        if BEGIN_SOLUTION.match(line):
            inside = found = True
        elif END_SOLUTION.match(line):
            inside = False
        elif inside:
            lines.add(total)
    return frozenset(lines) if found else frozenset(range(1, total + 1))


def sites(tree: ast.Module, lines: frozenset[int]) -> Iterator[Site]:
    """Walk over the statements and expressions that may be changed, in reading order.

    Args:
        tree: the parsed answer cell.
        lines: the lines on which a change may begin.

    Yields:
        Sites; docstrings, annotations, decorators, f-strings and what is raised are left out.
    """
    yield from _below(tree, (), lines)


def _below(node: ast.AST, ancestors: tuple[ast.AST, ...], lines: frozenset[int]) -> Iterator[Site]:
    if isinstance(node, ast.JoinedStr):
        return
    ancestors = (*ancestors, node)
    for field, value in ast.iter_fields(node):
        if field in UNTOUCHED_FIELDS:
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if not isinstance(child, ast.AST) or is_docstring(child):
                continue
            if isinstance(child, ast.stmt | ast.expr) and child.lineno in lines:
                yield Site(child, node, field, index, ancestors)
            yield from _below(child, ancestors, lines)


def is_docstring(node: ast.AST) -> bool:
    """Say whether a statement is nothing but a string."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def call_name(node: ast.AST) -> str:
    """Give the last part of a called name: `sum` for `x.sum()` and `np.sum(x)`, '' for no call."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def is_module_call(node: ast.Call) -> bool:
    """Say whether a call is `np.something(…)`, also `np.linalg.…`, its first argument the array."""
    if not isinstance(node.func, ast.Attribute):
        return False
    owner: ast.expr = node.func
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    return isinstance(owner, ast.Name) and owner.id in ARRAY_MODULES


def is_method_call(node: ast.Call) -> bool:
    """Say whether a call is of the form `x.something(…)` with x an object, not a module."""
    return isinstance(node.func, ast.Attribute) and not is_module_call(node)


def subject_of(call: ast.Call) -> ast.expr | None:
    """Find what a call works on: the object of a method, else the first argument."""
    if is_method_call(call) and isinstance(call.func, ast.Attribute):
        owner = call.func.value
        if isinstance(owner, ast.Name) and owner.id in {"copy", "math", "random"}:
            return call.args[0] if call.args else None
        return owner
    return call.args[0] if call.args else None


def integer(node: ast.AST | None) -> int | None:
    """Read an integer literal, a minus before it included; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = integer(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def literal(value: object) -> ast.expr:
    """Make the syntax tree of a number, a string or a tuple."""
    return ast.parse(repr(value), mode="eval").body


def expression(text: str) -> ast.expr:
    """Make the syntax tree of an expression."""
    return ast.parse(text, mode="eval").body


def with_call(
    node: ast.Call,
    *,
    func: ast.expr | None = None,
    args: list[ast.expr] | None = None,
    keywords: list[ast.keyword] | None = None,
) -> ast.Call:
    """Copy a call with some of its parts replaced."""
    return ast.Call(
        node.func if func is None else func,
        node.args if args is None else args,
        node.keywords if keywords is None else keywords,
    )


def renamed(node: ast.Call, name: str) -> ast.Call:
    """Copy a call with the last part of the called name replaced."""
    if isinstance(node.func, ast.Attribute):
        return with_call(node, func=ast.Attribute(node.func.value, name, ast.Load()))
    return with_call(node, func=ast.Name(name, ast.Load()))


def array_names(function: FunctionNode | None) -> frozenset[str]:
    """Guess which names in a function stand for arrays, by what is done with them.

    Args:
        function: the function to look at; None gives no names.

    Returns:
        Names that are indexed, multiplied by `@`, or asked for an array's attributes.
    """
    found: set[str] = set()
    for node in ast.walk(function) if function else ():
        candidates: list[ast.expr] = []
        if isinstance(node, ast.Attribute):
            candidates = [node.value] if node.attr in ARRAY_ATTRIBUTES else []
        elif isinstance(node, ast.Subscript):
            candidates = [node.value]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            candidates = [node.left, node.right]
        found |= {part.id for part in candidates if isinstance(part, ast.Name)}
    return frozenset(found)


def parameters(function: FunctionNode | None) -> frozenset[str]:
    """Name a function's parameters, `self` left out."""
    if function is None:
        return frozenset()
    given = function.args
    names = {part.arg for part in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return frozenset(names - {"self", "cls"})
