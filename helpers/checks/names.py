"""See through aliases: which library functions does a piece of syntax mention?"""

import ast
import builtins
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from helpers.checks.source import LIBRARIES, Source

_USUAL_ALIASES = {"np": "numpy", "plt": "matplotlib.pyplot", "F": "torch.nn.functional"}
_OPERATORS: dict[type[ast.AST], str] = {ast.MatMult: "@", ast.Pow: "**"}
_DYNAMIC = frozenset({"eval", "exec", "compile", "__import__", "importlib", "globals"})


@dataclass(frozen=True)
class Use:
    """A name that is mentioned.

    Attributes:
        name: in full, such as "numpy.linalg.norm", "sorted" or ".sort" (a method of anything).
        written: as it stands in the source.
        line: where.
        called: whether it is called there.
    """

    name: str
    written: str
    line: int
    called: bool


class Names:
    """A set of names to look for, as an author writes them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.plain: dict[str, str] = {}
        self.methods: dict[str, str] = {}
        for name in names:
            full = _in_full(name, _USUAL_ALIASES)
            head, _, rest = full.partition(".")
            if rest and not _is_module(head):
                self.methods["." + rest] = name
                continue
            self.plain[full] = name
            if head == "numpy" and "." not in rest and hasattr(np.ndarray, rest):
                self.methods["." + rest] = name

    def matches(self, use: Use) -> str | None:
        """Say in words what a use breaks.

        Args:
            use: a name that is mentioned.

        Returns:
            Such as "`np.dot`", or None.
        """
        if use.name in self.methods:
            return _quoted(self.methods[use.name], use.written)
        for full, name in self.plain.items():
            if use.name == full or use.name.startswith(full + "."):
                return _quoted(name, use.written)
        if use.name.split(".")[0] in _DYNAMIC:
            return f"`{use.written}`, behind which nothing can be checked"
        return None


def _quoted(name: str, written: str) -> str:
    return f"`{name}`" if name == written else f"`{name}` (here as `{written}`)"


def _is_module(head: str) -> bool:
    return head in LIBRARIES


def _in_full(dotted: str, aliases: dict[str, str]) -> str:
    head, dot, rest = dotted.partition(".")
    return aliases.get(head, head) + dot + rest


def used_names(part: ast.AST, source: Source) -> Iterator[Use]:
    """List the functions, methods and operators that a definition mentions.

    Args:
        part: the definition.
        source: the cell it stands in.

    Yields:
        Each use, with its name in full.
    """
    outer = _USUAL_ALIASES | source.origins
    outer |= _aliases(source.cell, outer)
    inner_aliases = _aliases(part, outer)
    aliases = outer | inner_aliases
    own = _own_names(part, source) - set(inner_aliases)
    called = {id(node.func) for node in ast.walk(part) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(part) if isinstance(node, ast.Attribute)}
    for node in ast.walk(part):
        line = getattr(node, "lineno", 1)
        if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
            symbol = _OPERATORS[type(node.op)]
            yield Use(symbol, symbol, line, True)
        elif isinstance(node, ast.Attribute):
            name = _attribute(node, aliases, own)
            if name:
                yield Use(name, ast.unparse(node), line, id(node) in called)
        elif isinstance(node, ast.Name) and id(node) not in inner:
            name = aliases.get(node.id, node.id)
            is_own = node.id in own and not (
                isinstance(part, ast.FunctionDef) and node.id == part.name
            )
            if isinstance(node.ctx, ast.Load) and not is_own:
                yield Use(name, node.id, line, id(node) in called)
        elif isinstance(node, ast.Call):
            name = _getattr(node, aliases)
            if name:
                yield Use(name, ast.unparse(node), line, True)


def _attribute(node: ast.Attribute, aliases: dict[str, str], own: set[str]) -> str | None:
    dotted = _dotted(node)
    if dotted is None:
        return "." + node.attr
    head = dotted.split(".")[0]
    full = _in_full(dotted, aliases)
    if head not in own and (head in aliases or _is_module(head)):
        return full
    if head in ("self", "cls") and dotted.count(".") == 1:
        return None
    return "." + node.attr


def _dotted(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return f"{before}.{node.attr}" if before else None
    return None


def _getattr(node: ast.Call, aliases: dict[str, str]) -> str | None:
    """Resolve `getattr(np, "dot")`; any other getattr may be anything, but is not a function."""
    if not (isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1):
        return None
    key = node.args[1]
    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
        return None
    dotted = _dotted(node.args[0])
    if dotted and dotted.split(".")[0] in aliases:
        return f"{_in_full(dotted, aliases)}.{key.value}"
    return "." + key.value


def _aliases(tree: ast.AST, known: dict[str, str]) -> dict[str, str]:
    """Collect what names stand for: imports, and other names given to library functions."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                first = item.name.split(".")[0]
                aliases[item.asname or first] = item.name if item.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for item in node.names:
                if item.name == "*":
                    aliases |= _star(node.module)
                else:
                    aliases[item.asname or item.name] = f"{node.module}.{item.name}"
        elif isinstance(node, ast.Assign):
            aliases |= _assigned(node, known | aliases)
    return aliases


def _star(module: str) -> dict[str, str]:
    loaded = sys.modules.get(module)
    names = getattr(loaded, "__all__", None) or [n for n in dir(loaded) if n[0] != "_"]
    return {name: f"{module}.{name}" for name in names}


def _assigned(node: ast.Assign, aliases: dict[str, str]) -> dict[str, str]:
    dotted = _dotted(node.value)
    if dotted is None:
        return {}
    head = dotted.split(".")[0]
    if head not in aliases and not _is_module(head) and not hasattr(builtins, dotted):
        return {}
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    return {name: _in_full(dotted, aliases) for name in names}


def _own_names(part: ast.AST, source: Source) -> set[str]:
    """Return names that the answer binds itself, so that they are not Python's or a library's."""
    own = {
        node.name
        for node in ast.iter_child_nodes(source.cell)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    for node in ast.walk(part):
        if isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node is not part:
            own.add(node.name)
    return own
