"""Rules for lines, lengths and leftovers."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from autograder.lesson import Cell
from autograder.lint.names import imported_roots
from autograder.lint.rules import Context, Note, calls, rule

MOST_LINES = 40
MOST_LINES_OF_A_CLASS = 150
LONGEST_LINE = 100

_ABSOLUTE = re.compile(
    r"(?<![\w./:<-])(?:/(?:home|root|Users|tmp|usr|etc|var|opt|mnt|media|srv|data|work|workspace)"
    r"(?:/|\b)|[A-Z]:\\\\?\w|~/)"
)
_MAGIC = re.compile(r"^\s*(?:%%?[a-zA-Z]|!\s*[a-zA-Z./])")
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_DEBUGGERS = {"breakpoint", "pdb.set_trace", "ipdb.set_trace", "embed", "IPython.embed"}
_UNSEEDED = {
    "rand", "randn", "randint", "random", "normal", "uniform", "choice", "permutation", "shuffle",
    "seed", "standard_normal",
}  # fmt: skip


@rule("cell-length", "Split the cell, or move what is not the point into helpers.")
def cell_length(context: Context) -> Iterator[Note]:
    """Code cells have at most 40 lines; one that is a single class at most 150."""
    for cell in context.code:
        body = cell.tree.body
        single = len(body) == 1 and isinstance(body[0], ast.ClassDef)
        most = MOST_LINES_OF_A_CLASS if single else MOST_LINES
        count = len(cell.source.splitlines())
        if count > most:
            yield Note(f"it has {count} lines, {most} are the most", cell)


@rule("line-length", "Break the line.")
def line_length(context: Context) -> Iterator[Note]:
    """No line has more than 100 characters, rows of tables and bare links aside."""
    for cell in context.lesson.cells:
        for line, text in enumerate(cell.source.splitlines(), start=1):
            if len(text) <= LONGEST_LINE:
                continue
            unbreakable = cell.kind == "markdown" and (text.startswith("|") or " " not in text)
            if not unbreakable:
                yield Note(f"this line has {len(text)} characters", cell, line)


@rule("absolute-path", "Read data by `helpers.datasets`; name no folder of one machine.")
def absolute_path(context: Context) -> Iterator[Note]:
    """No path that exists on one machine only stands in code."""
    for cell in context.code:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found = _ABSOLUTE.search(node.value)
                if found:
                    yield Note(f"an absolute path: {found[0]}…", cell, node.lineno)


@rule("magic", "Write plain Python; plots are inline already.")
def magic(context: Context) -> Iterator[Note]:
    """No cell uses IPython's magics or shell commands."""
    for cell in context.code:
        for line, text in enumerate(cell.source.splitlines(), start=1):
            if _MAGIC.match(text):
                yield Note(f"an IPython magic: {text.strip()[:40]}", cell, line)


@rule("leftover", "Delete it.")
def leftover(context: Context) -> Iterator[Note]:
    """No debugger, no print in answers or tests, no TODO."""
    for cell in context.code:
        for name, call in calls(cell.tree):
            if name in _DEBUGGERS:
                yield Note(f"`{name}` is for debugging", cell, call.lineno)
            elif name in ("print", "display") and cell.role in ("answer", "test"):
                yield Note(f"`{name}` in a graded cell", cell, call.lineno)
    for cell in context.lesson.cells:
        for line, text in enumerate(cell.source.splitlines(), start=1):
            if found := _UNFINISHED.search(text):
                yield Note(f"{found[0]} is left over", cell, line)


@rule("commented-code", "Delete it; git remembers.")
def commented_code(context: Context) -> Iterator[Note]:
    """No code is commented out."""
    for cell in context.code:
        for line, text in _whole_line_comments(cell):
            if _is_code(text):
                yield Note(f"commented-out code: {text[:50]}", cell, line)


@rule("seeded", "Use `np.random.default_rng(seed=…)`.")
def seeded(context: Context) -> Iterator[Note]:
    """Every random number comes from a generator with a seed."""
    imported = {name for cell in context.code for name in imported_roots(cell.tree)}
    for cell in context.code:
        for name, call in calls(cell.tree):
            base, _, last = name.rpartition(".")
            if last == "default_rng" and not call.args and not call.keywords:
                yield Note("a generator without a seed", cell, call.lineno)
            elif last in _UNSEEDED and (
                base in ("np.random", "numpy.random") or (base == "random" and base in imported)
            ):
                yield Note(f"`{name}` draws from a global generator", cell, call.lineno)


def _whole_line_comments(cell: Cell) -> Iterator[tuple[int, str]]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(cell.source + "\n").readline))
    except (tokenize.TokenError, SyntaxError):  # a cell with magics
        return
    for token in tokens:
        alone = token.type == tokenize.COMMENT and token.line.strip().startswith("#")
        if alone and not token.string.startswith("###"):
            yield token.start[0], token.string.lstrip("#").strip()


def _is_code(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return bool(re.match(r"(?:for|while|if|def|class|with)\b.*:$", text))
    statements = (ast.Import, ast.ImportFrom, ast.Return, ast.AugAssign)
    return any(isinstance(node, statements) or _is_call(node, text) for node in body)


def _is_call(node: ast.stmt, text: str) -> bool:
    """Tell `f(x)` and `y = f(x)` from prose such as `shape (N, D)` and `T = 5`."""
    value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
    has_call = any(isinstance(inner, ast.Call) for inner in ast.walk(value)) if value else False
    return has_call and re.search(r"\w\(", text) is not None
