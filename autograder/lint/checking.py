"""Rules for what a test cell may do, so that it holds in both engines and cannot be fooled."""

import ast
from collections.abc import Iterator

from autograder.lesson import Cell
from autograder.lint.names import imported_roots
from autograder.lint.rules import Context, Note, calls, dotted, rule

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "globals", "locals", "vars", "__import__", "open", "input",
    "get_ipython",
}  # fmt: skip
FORBIDDEN_ATTRIBUTES = {
    "__code__", "__class__", "__dict__", "__globals__", "__closure__", "__defaults__",
    "__wrapped__", "__bases__", "__mro__", "__subclasses__", "__name__", "__qualname__",
    "__module__",
}  # fmt: skip
FORBIDDEN_MODULES = {"unittest", "mock", "inspect", "gc", "ctypes", "importlib", "pickle", "dis"}

_EXPECTING = {"checks.close": 1, "checks.equal": 1, "checks.shape": 1, "checks.dtype": 1}
_TAKES_FUNCTION = {"checks.unchanged", "checks.raises", "checks.gradient", "checks.peak_memory"}
_HARMLESS = {"shape", "dtype", "ndim", "size"}
_MAKES_ARRAYS = {
    "arange", "array", "asarray", "astype", "choice", "clip", "concatenate", "copy", "empty",
    "exp", "eye", "full", "identity", "integers", "linspace", "log", "logspace", "meshgrid",
    "normal", "ones", "ones_like", "permutation", "random", "repeat", "reshape", "stack",
    "standard_normal", "tile", "uniform", "vstack", "hstack", "zeros", "zeros_like", "from_numpy",
    "tensor", "randn", "rand", "list", "dict", "set", "sorted", "where", "outer", "transpose",
}  # fmt: skip


@rule("test-compare", "Compare by `checks.close`, `checks.equal`, `checks.true` and the others.")
def test_compare(context: Context) -> Iterator[Note]:
    """Tests compare through `checks` only."""
    for test in context.lesson.of_role("test"):
        if not any(name.startswith("checks.") for name, _ in calls(test.tree)):
            yield Note("this test has no call of `checks`", test)
        for node in ast.walk(test.tree):
            if isinstance(node, ast.Assert):
                yield Note("a bare `assert`", test, node.lineno)
            elif isinstance(node, ast.Raise):
                yield Note("it raises by itself", test, node.lineno)
            elif isinstance(node, ast.Call):
                name = dotted(node.func)
                method = name.rpartition(".")[2]
                if "testing" in name.split(".") or method.startswith(("assert_", "assertEqual")):
                    yield Note(f"it compares by `{name}`", test, node.lineno)


@rule("test-comparison", "Give `checks.close` or `checks.equal` both sides instead.")
def test_comparison(context: Context) -> Iterator[Note]:
    """No comparison of what an answer returned is handed over as a mere truth value."""
    for test in context.lesson.of_role("test"):
        for name, call in calls(test.tree):
            if name != "checks.true" or not call.args:
                continue
            if _compares_answer(call.args[0], context.answer_names):
                what = "it compares an answer's result with `==` or `allclose` inside `checks.true`"
                yield Note(what, test, call.lineno)


@rule("test-forbidden", "Use the names literally; `checks.forbids` and `isinstance` do the rest.")
def test_forbidden(context: Context) -> Iterator[Note]:
    """Tests look at values, never into functions, classes, frames or files, and mock nothing."""
    for test in context.lesson.of_role("test"):
        for root in sorted(set(imported_roots(test.tree).values()) & FORBIDDEN_MODULES):
            yield Note(f"it imports `{root}`", test)
        for node in ast.walk(test.tree):
            if isinstance(node, ast.Call) and dotted(node.func) in FORBIDDEN_CALLS:
                yield Note(f"it calls `{dotted(node.func)}`", test, node.lineno)
            elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
                yield Note(f"it reads `{node.attr}`", test, node.lineno)
            elif isinstance(node, ast.Compare) and _is_type_call(node.left):
                yield Note("it compares `type(…)`; `isinstance` works", test, node.lineno)


@rule("expected-nested", "Compute what is expected first; for a property name both results.")
def expected_nested(context: Context) -> Iterator[Note]:
    """What is expected is not computed by an answer within the same call."""
    for test in context.lesson.of_role("test"):
        for expected in _expected_arguments(test):
            for name, call in calls(expected):
                if name.split(".")[0] in context.answer_names:
                    what = f"the expected value is computed by the answer `{name}`"
                    yield Note(what, test, call.lineno)


@rule("expected-first", "Compute it above the call, or give the answer a copy: `f(x.copy())`.")
def expected_first(context: Context) -> Iterator[Note]:
    """What is expected is computed before an answer gets its hands on the input."""
    for test in context.lesson.of_role("test"):
        if "in-place" in test.tags:
            continue
        for name, line, in_expected in _reads_after_touch(context, test):
            if in_expected:
                yield Note(f"`{name}` was given to an answer before", test, line)


@rule("in-place", "Tag the cell `in-place`, or use `checks.unchanged`, or give a copy.")
def in_place(context: Context) -> Iterator[Note]:
    """A test that reads an argument after the call is tagged `in-place`."""
    for test in context.lesson.of_role("test"):
        if "in-place" in test.tags:
            continue
        for name, line, in_expected in _reads_after_touch(context, test):
            if not in_expected:
                yield Note(f"it looks at `{name}` after an answer got it", test, line)


def _expected_arguments(test: Cell) -> Iterator[ast.expr]:
    for name, call in calls(test.tree):
        position = _EXPECTING.get(name)
        if position is None:
            continue
        yield from call.args[position : position + 1]
        yield from (k.value for k in call.keywords if k.arg in ("expected", "expected_shape"))


def _compares_answer(node: ast.expr, answers: frozenset[str]) -> bool:
    """Say whether an expression holds `==` or allclose with an answer's call on a side."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Compare) and any(isinstance(o, ast.Eq) for o in inner.ops):
            sides: list[ast.expr] = [inner.left, *inner.comparators]
        elif isinstance(inner, ast.Call) and dotted(inner.func).rpartition(".")[2] in (
            "allclose", "isclose", "array_equal", "array_equiv",
        ):  # fmt: skip
            sides = [*inner.args, inner.func]
        else:
            continue
        if any(name.split(".")[0] in answers for side in sides for name, _ in calls(side)):
            return True
    return False


def _is_type_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "type"


def _reads_after_touch(context: Context, test: Cell) -> Iterator[tuple[str, int, bool]]:
    """Find arrays and lists that are read after an answer got them as they are.

    Only names that surely hold something mutable count, and only the cell's statements in their
    order; what functions defined in the cell do is not followed.

    Yields:
        The name, the line, and whether it is read to compute what is expected.
    """
    walker = _Reader(context.answer_names)
    for cell in context.lesson.of_role("given"):
        if cell.index < test.index:
            for statement in cell.tree.body:
                walker.bind(statement)
    for statement in test.tree.body:
        walker.statement(statement)
    yield from dict.fromkeys(walker.reads)


class _Reader:
    """Follows a test's statements: what is mutable, what an answer got, what is read then."""

    def __init__(self, answers: frozenset[str]) -> None:
        self.answers = answers
        self.mutable: set[str] = set()
        self.touched: set[str] = set()
        self.reads: list[tuple[str, int, bool]] = []

    def statement(self, node: ast.stmt) -> None:
        """Follow one statement."""
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            return
        if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try):
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.expr):
                    self.expression(part, False)
            self.bind(node)
            for inner in ast.iter_child_nodes(node):
                if isinstance(inner, ast.stmt):
                    self.statement(inner)
            return
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr) and isinstance(
                getattr(part, "ctx", ast.Load()), ast.Load
            ):
                self.expression(part, isinstance(node, ast.Assign))
        self.bind(node)

    def bind(self, node: ast.stmt) -> None:
        """Note what a statement binds: such names hold something new."""
        targets = {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
        if isinstance(node, ast.AugAssign):
            return
        self.touched -= targets
        self.mutable -= targets
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind_mutable(target, node.value)

    def _bind_mutable(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name) and self._is_mutable(value):
            self.mutable.add(target.id)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for inner, given in zip(target.elts, value.elts, strict=False):
                self._bind_mutable(inner, given)

    def expression(self, node: ast.expr, in_expected: bool) -> None:
        """Follow an expression in the order of its evaluation."""
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, ast.Attribute) and node.attr in _HARMLESS:
            return
        if isinstance(node, ast.Name):
            if node.id in self.touched:
                self.reads.append((node.id, node.lineno, in_expected))
            return
        if not isinstance(node, ast.Call):
            for part in ast.iter_child_nodes(node):
                inner = part.iter if isinstance(part, ast.comprehension) else part
                if isinstance(inner, ast.expr):
                    self.expression(inner, in_expected)
            return
        self._call(node, in_expected)

    def _call(self, node: ast.Call, in_expected: bool) -> None:
        name = dotted(node.func)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name.split(".")[0] in self.answers:
            for argument in arguments:  # what else stands there is input, too, not looked at
                if isinstance(argument, ast.Name):
                    self.touched |= {argument.id} & self.mutable
            return
        if name == "len" or name in _TAKES_FUNCTION:
            return
        if isinstance(node.func, ast.Attribute):
            self.expression(node.func.value, in_expected)
        expected = _EXPECTING.get(name)
        for position, argument in enumerate(arguments):
            self.expression(argument, in_expected or position == expected)

    def _is_mutable(self, value: ast.AST | None) -> bool:
        if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp):
            return True
        if isinstance(value, ast.Call):
            called = value.func
            last = called.attr if isinstance(called, ast.Attribute) else dotted(called)
            return last in _MAKES_ARRAYS
        if isinstance(value, ast.BinOp):
            return self._is_mutable(value.left) or self._is_mutable(value.right)
        return isinstance(value, ast.Name) and value.id in self.mutable
