"""Rules for the verified versions of answers, `helpers.nn`, and for earlier answers."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.lesson import Cell, Lesson, read_lesson
from autograder.lint.rules import Context, Note, calls, dotted, rule
from autograder.opening import PACKAGE, exports, open_modules

_PACKAGE = f"helpers.{PACKAGE}"


@rule(
    "not-open",
    "Give it in a cell of the lesson, without what is still to be written; `[opens_after]` in "
    "course.toml says when a module of helpers/nn opens.",
)
def not_open(context: Context) -> Iterator[Note]:
    """What a lesson imports of `helpers.nn` is open by its week."""
    opened = open_modules(context.course, context.week)
    homes = exports(context.course.root / "helpers")
    for cell in context.code:
        for line, used in _used(cell, context.lesson):
            module = used if used in homes.values() else homes.get(used)
            if module is None:
                module = used  # a module that the package does not export, or a slip
            if module not in opened:
                last = context.course.opens_after.get(module)
                when = "is never open" if last is None else f"opens after week {last}"
                yield Note(f"`{used}` of {_PACKAGE} {when}", cell, line)


@rule(
    "open-too-early",
    "Raise the module's number in `[opens_after]` of course.toml, or split the module.",
)
def open_too_early(context: Context) -> Iterator[Note]:
    """No answer of a week is in a module of `helpers.nn` that is open by then."""
    opened = open_modules(context.course, context.week)
    homes = exports(context.course.root / "helpers")
    for cell in context.lesson.of_role("answer"):
        module = homes.get(cell.grade_id or "")
        if module in opened:
            yield Note(f"`{cell.grade_id}` is there to be read in helpers/nn/{module}.py", cell)


@rule(
    "earlier-work",
    "Name answers of an earlier week whose verified version is open, as literal text: "
    'earlier.work("week03_backpropagation", "Linear").',
)
def earlier_work(context: Context) -> Iterator[Note]:
    """Earlier answers are taken in demo cells, by names that exist and have a verified version."""
    from helpers.earlier import verified_name

    course = context.course
    opened = open_modules(course, context.week)
    homes = exports(course.root / "helpers")
    for cell in context.code:
        for name, call in calls(cell.tree):
            if name != "earlier.work":
                continue
            if cell.role != "demo":
                yield Note("`earlier.work` stands outside of a demo cell", cell, call.lineno)
            texts = _texts(call, cell)
            if len(texts) < 2:
                yield Note("week and names do not stand there as text", cell, call.lineno)
                continue
            answers = _answers_before(course, context.week, texts[0])
            if answers is None:
                yield Note(f"{texts[0]!r} is no earlier week", cell, call.lineno)
                continue
            for wanted in texts[1:]:
                if wanted not in answers:
                    yield Note(f"`{wanted}` is no answer of {texts[0]}", cell, call.lineno)
                elif homes.get(verified_name(texts[0], wanted)) not in opened:
                    yield Note(f"no verified `{wanted}` is open by now", cell, call.lineno)


def _used(cell: Cell, lesson: Lesson) -> Iterator[tuple[int, str]]:
    """Give what a cell uses of the package, names and modules alike, with the line."""
    for node in ast.walk(cell.tree):
        line = getattr(node, "lineno", 1)
        if isinstance(node, ast.Import):
            parts = [alias.name.split(".") for alias in node.names]
            yield from ((line, p[2]) for p in parts if p[:2] == ["helpers", PACKAGE] and p[2:])
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == _PACKAGE:
                yield from ((line, alias.name) for alias in node.names)
            elif node.module.startswith(f"{_PACKAGE}."):
                yield line, node.module.split(".")[2]
    bound = _bound_modules(cell)
    outer = {
        name
        for c in lesson.cells
        if c.kind == "code"
        for name, m in _bound_modules(c).items()
        if m == _PACKAGE and name not in bound
    }
    known = outer | {name for name, module in bound.items() if module == _PACKAGE} | {_PACKAGE}
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.Attribute) and dotted(node.value) in known:
            yield node.lineno, node.attr


@lru_cache(maxsize=1024)
def _bound_modules(cell: Cell) -> dict[str, str]:
    """Give what the imports of a cell bind, by name: {"nn": "helpers.nn"}."""
    found: dict[str, str] = {}
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.Import):
            found |= {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _texts(call: ast.Call, cell: Cell) -> list[str]:
    """Give a call's arguments where all are literal text, `*names` of the same cell included."""
    found: list[str] = []
    for argument in call.args:
        node = argument.value if isinstance(argument, ast.Starred) else ast.List([argument])
        if isinstance(node, ast.Name):
            values = [
                statement.value
                for statement in ast.walk(cell.tree)
                if isinstance(statement, ast.Assign)
                and [t.id for t in statement.targets if isinstance(t, ast.Name)] == [node.id]
            ]
            node = values[0] if len(values) == 1 else node
        try:
            found += [text for text in ast.literal_eval(node) if isinstance(text, str)]
        except (ValueError, TypeError):
            return []
    return found


def _answers_before(course: Course, week: Week, folder: str) -> set[str] | None:
    """Name the answers of a week that comes before another, or None where it does not."""
    place = course.weeks.index(week)
    found = next((w for w in course.weeks[:place] if w.folder == folder), None)
    if found is None:
        return None
    try:
        lesson = read_lesson(found.source(course), found)
    except CourseError:
        return None
    return {cell.grade_id or "" for cell in lesson.of_role("answer")}
