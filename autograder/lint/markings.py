"""Rules for marks and metadata: ids, nbgrader's keys, tags, solution and hidden regions."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from autograder.lesson import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, Cell
from autograder.lint.rules import Context, Note, rule

TAGS = {
    "demo": ("demo",),
    "in-place": ("test",),
    "nbval-check-output": ("given", "demo", "answer", "test"),
}
WANTED = {  # what nbgrader's metadata must say of each kind of cell
    "answer": {"grade": False, "locked": False, "solution": True, "task": False},
    "test": {"grade": True, "locked": True, "solution": False, "task": False},
    "written": {"grade": True, "locked": False, "solution": True, "task": False},
}
SCHEMA = 3

_SPEAKING = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_AUTOMATIC = re.compile(r"cell-?[0-9a-f]{6,}|[0-9a-f]{8,}")


@rule("ids-unique", "Give every graded cell an id of its own.")
def ids_unique(context: Context) -> Iterator[Note]:
    """No two cells have the same grade_id."""
    counts = Counter(cell.grade_id for cell in context.lesson.cells if cell.grade_id)
    for cell in context.lesson.cells:
        if cell.grade_id and counts[cell.grade_id] > 1:
            yield Note(f"the id {cell.grade_id!r} is used {counts[cell.grade_id]} times", cell)


@rule("ids-speak", "Use words with underscores, such as `test_softmax_stable`.")
def ids_speak(context: Context) -> Iterator[Note]:
    """Every grade_id is made of words."""
    for cell in context.lesson.cells:
        if cell.role not in WANTED and not cell.is_optional:
            continue
        name = cell.grade_id or ""
        if not _SPEAKING.fullmatch(name) or _AUTOMATIC.fullmatch(name):
            yield Note(f"the id {name!r} says nothing", cell)


@rule("nbgrader-metadata", "Copy the cell's header from a cell of the same kind in another lesson.")
def nbgrader_metadata(context: Context) -> Iterator[Note]:
    """Graded cells carry nbgrader's metadata in full: locked tests, open answers, points."""
    for cell in context.lesson.cells:
        marks = cell.metadata.get("nbgrader")
        if marks is None:
            continue
        role = "answer" if cell.is_optional else cell.role
        if role not in WANTED:
            yield Note(
                "nbgrader's metadata make it neither answer, test nor written question", cell
            )
            continue
        wanted = WANTED[role] | {"schema_version": SCHEMA}
        wrong = [key for key, value in wanted.items() if marks.get(key) != value]
        keys = {*wanted, "grade_id", *(() if role == "answer" else ("points",))}
        wrong += sorted(keys ^ set(marks) - set(wrong)) if set(marks) != keys else []
        if wrong:
            names = ", ".join(dict.fromkeys(wrong))
            yield Note(f"nbgrader's metadata are missing or wrong in {names}", cell)


@rule("tags", "Known are `demo`, `in-place` (tests) and `nbval-check-output`.")
def tags(context: Context) -> Iterator[Note]:
    """Cells carry known tags only, each where it means something."""
    for cell in context.lesson.cells:
        for tag in sorted(cell.tags):
            if tag not in TAGS:
                yield Note(f"unknown tag {tag!r}", cell)
            elif cell.role not in TAGS[tag]:
                yield Note(f"the tag {tag!r} means nothing in a cell of this kind", cell)


@rule("solution-region", "Put `### BEGIN SOLUTION` and `### END SOLUTION` inside the function.")
def solution_region(context: Context) -> Iterator[Note]:
    """Every answer has its solution in regions inside functions, and none stands elsewhere."""
    for cell in context.lesson.cells:
        has_marks = BEGIN_SOLUTION in cell.source or END_SOLUTION in cell.source
        if cell.role not in ("answer", "written") and not cell.is_optional:
            if has_marks:
                yield Note("a solution's mark stands in a cell that is no answer", cell)
            continue
        problem = _unpaired(cell, BEGIN_SOLUTION, END_SOLUTION)
        if problem:
            yield Note(problem, cell)
        elif cell.role != "written":
            yield from _answer_regions(cell)


@rule("stub-runs", "Leave outside the region what the rest of the cell needs to be valid Python.")
def stub_runs(context: Context) -> Iterator[Note]:
    """What is left of an answer, with a stub in place of each region, is valid Python."""
    for cell in context.lesson.to_write:
        if _unpaired(cell, BEGIN_SOLUTION, END_SOLUTION):
            continue
        try:
            ast.parse(_stubbed(cell.source))
        except SyntaxError as error:
            yield Note(f"without its solution the cell is not valid Python: {error.msg}", cell)


@rule("hidden-region", "Close it with `### END HIDDEN TESTS` as the test cell's last line.")
def hidden_region(context: Context) -> Iterator[Note]:
    """Hidden tests stand in test cells, in one region at the end."""
    for cell in context.lesson.cells:
        if BEGIN_HIDDEN not in cell.source and END_HIDDEN not in cell.source:
            continue
        lines = cell.source.rstrip().splitlines()
        problem = _unpaired(cell, BEGIN_HIDDEN, END_HIDDEN)
        if cell.role != "test":
            yield Note("hidden tests stand in a cell that is no test", cell)
        elif problem:
            yield Note(problem, cell)
        elif END_HIDDEN not in lines[-1] or cell.source.count(BEGIN_HIDDEN) > 1:
            yield Note("the hidden region is not one region at the end", cell)
        elif any(
            line[:1].isspace() for line in lines if BEGIN_HIDDEN in line or END_HIDDEN in line
        ):
            yield Note("the hidden region's marks are indented", cell)


def _unpaired(cell: Cell, begin: str, end: str) -> str:
    """Say what is wrong with the pairs of marks in a cell; "" where nothing is."""
    inside = False
    for line in cell.source.splitlines():
        if begin in line:
            if inside:
                return f"`{begin}` stands inside another region"
            inside = True
        elif end in line:
            if not inside:
                return f"`{end}` has no `{begin}` before it"
            inside = False
    return f"`{begin}` has no `{end}`" if inside else ""


def _answer_regions(cell: Cell) -> Iterator[Note]:
    if not cell.solution_regions:
        yield Note("it has no solution region", cell)
        return
    inside_functions = {
        line
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.FunctionDef)
        for line in range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    }
    starts = {n for n, text in enumerate(cell.source.splitlines(), 1) if BEGIN_SOLUTION in text}
    code_lines = {n.lineno for n in ast.walk(cell.tree) if isinstance(n, ast.stmt)}
    for start in sorted(starts):
        following = min((line for line in code_lines if line > start), default=0)
        if following not in inside_functions:
            yield Note("this solution region is not inside a function", cell, start)
    if any(not region.strip() for region in cell.solution_regions):
        yield Note("a solution region is empty", cell)


def _stubbed(source: str) -> str:
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        if BEGIN_SOLUTION in line:
            kept.append(line[: len(line) - len(line.lstrip())] + "raise NotImplementedError")
            inside = True
        elif END_SOLUTION in line:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
