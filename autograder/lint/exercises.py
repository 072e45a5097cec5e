"""Rules for answers, their texts and tests, written questions and points."""

import ast
import re
from collections.abc import Iterator

from autograder.lesson import BEGIN_HIDDEN, Cell, owner_of_test
from autograder.lint.rules import Context, Note, number, rule

LEAST_WRITTEN = 2
MOST_POINTS_OF_ONE_TEST = 2

TASK_LINE = re.compile(
    r"^\*About (?P<minutes>\d+) minutes? · (?P<points>\d+(?:\.\d+)?) points?\.\*"
)
OPTIONAL_LINE = re.compile(r"^\*Optional · about \d+ minutes? · no points\.\*")
WRITTEN_LINE = re.compile(
    r"^\*About (?P<minutes>\d+) minutes? · (?P<points>\d+(?:\.\d+)?) points?, graded by hand\.\*"
)


@rule("points-sum", "Change the tests' and questions' points, or course.toml.")
def points_sum(context: Context) -> Iterator[Note]:
    """Test cells and written questions together have the points of course.toml."""
    total = sum(cell.points for cell in context.lesson.of_role("test", "written"))
    if total != context.week.points:
        yield Note(
            f"tests and written questions have {number(total)} points, course.toml says "
            f"{number(context.week.points)}"
        )


@rule("exercise-heading", "Write `## N · Your turn: `name`` in the text cell before the answer.")
def exercise_heading(context: Context) -> Iterator[Note]:
    """The text directly before an answer is headed by its name."""
    for answer in context.lesson.of_role("answer"):
        text = _text_before(context, answer)
        pattern = rf"^###? \d+(?:\.\d+)? · Your turn: `{re.escape(answer.grade_id or '')}`$"
        if not re.search(pattern, text, re.MULTILINE):
            yield Note("the text before has no heading `## N · Your turn: `name``", answer)


@rule(
    "optional-line",
    "Write `*Optional · about 40 minutes · no points.*` above an answer that is tagged `demo`.",
)
def optional_line(context: Context) -> Iterator[Note]:
    """The text before an answer tagged `demo`, which nobody grades, says so; it has no tests."""
    names = [cell.grade_id or "" for cell in context.lesson.to_write]
    tested = {owner_of_test(c.grade_id or "", names) for c in context.lesson.of_role("test")}
    for cell in context.lesson.to_write:
        if cell.role == "answer":
            continue
        if not _line(OPTIONAL_LINE, _text_before(context, cell)):
            yield Note("the text before does not say that it is optional", cell)
        if cell.grade_id in tested:
            yield Note("an answer tagged `demo` is not graded, and has a test", cell)


@rule("exercise-line", "Write `*About 15 minutes · 3 points.*` and go on with prose.")
def exercise_line(context: Context) -> Iterator[Note]:
    """The text before an answer says the minutes and the points that its tests give."""
    for exercise in context.lesson.exercises:
        found = _line(TASK_LINE, _text_before(context, exercise.answer))
        if found is None:
            yield Note("the text before does not say minutes and points", exercise.answer)
        elif float(found["points"]) != exercise.points:
            what = f"the text says {found['points']} points, the tests {number(exercise.points)}"
            yield Note(what, exercise.answer)


@rule(
    "answer-one-definition", "Define one function or class, named as the grade_id; helpers get _."
)
def answer_one_definition(context: Context) -> Iterator[Note]:
    """An answer cell defines one public function or class, named as its grade_id."""
    for answer in context.lesson.of_role("answer"):
        public = [name for name in _definitions(answer.tree) if not name.startswith("_")]
        if public != [answer.grade_id]:
            what = f"it defines {', '.join(public) or 'nothing public'}, not {answer.grade_id}"
            yield Note(what, answer)


@rule("answer-docstring", "Say with Args and Returns what goes in and what comes out, with shapes.")
def answer_docstring(context: Context) -> Iterator[Note]:
    """Every answer has a docstring with Args and Returns."""
    for answer in context.lesson.of_role("answer"):
        for name, node in _definitions(answer.tree).items():
            if name.startswith("_"):
                continue
            text = "\n".join(_docstrings(node))
            lacking = [
                part
                for part, words in (("Args", ("Args:",)), ("Returns", ("Returns:", "Yields:")))
                if not any(word in text for word in words)
            ]
            if not ast.get_docstring(node):
                yield Note(f"`{name}` has no docstring", answer, node.lineno)
            elif lacking:
                yield Note(f"the docstring of `{name}` lacks {' and '.join(lacking)}", answer)


@rule("answer-tested", "Put a test cell with `test_NAME_what` directly after the answer.")
def answer_tested(context: Context) -> Iterator[Note]:
    """Every answer has at least one test cell, the first one directly after it."""
    for exercise in context.lesson.exercises:
        if not exercise.tests:
            yield Note("no test cell belongs to this answer", exercise.answer)
            continue
        following = next((c for c in context.after(exercise.answer) if c.kind == "code"), None)
        if following is None or following.role != "test":
            yield Note("another code cell stands between the answer and its tests", exercise.answer)


@rule("test-name", "Name it `test_` + the answer's id + `_` + what it tests, after that answer.")
def test_name(context: Context) -> Iterator[Note]:
    """Every test cell is named after an answer that stands before it."""
    answers = {cell.grade_id or "": cell for cell in context.lesson.of_role("answer")}
    for test in context.lesson.of_role("test"):
        owner = owner_of_test(test.grade_id or "", list(answers))
        if owner is None:
            yield Note("its id names no answer", test)
        elif answers[owner].index > test.index:
            yield Note(f"it stands before its answer `{owner}`", test)


@rule("test-visible", "Add a check that the student sees, above the hidden region.")
def test_visible(context: Context) -> Iterator[Note]:
    """Every test cell has a check that the student sees."""
    for test in context.lesson.of_role("test"):
        if "checks." not in test.visible_source:
            yield Note("the student sees no check in this cell", test)


@rule("test-hidden", "Add a hidden region to one of its tests: the same on other input.")
def test_hidden(context: Context) -> Iterator[Note]:
    """Every answer has a hidden test."""
    for exercise in context.lesson.exercises:
        if exercise.tests and not any("checks." in t.hidden_source for t in exercise.tests):
            yield Note("none of its tests has a hidden check", exercise.answer)


@rule("points-test", "Give every test a whole number of points, at least 1.")
def points_test(context: Context) -> Iterator[Note]:
    """Every test cell has at least one point, in whole points."""
    for test in context.lesson.of_role("test", "written"):
        if test.points < 1 or test.points != int(test.points):
            yield Note(f"it has {number(test.points)} points", test)


@rule("points-split", "Split the points over several test cells.")
def points_split(context: Context) -> Iterator[Note]:
    """An exercise of more than two points has several test cells, so that half earns half."""
    for exercise in context.lesson.exercises:
        if len(exercise.tests) == 1 and exercise.points > MOST_POINTS_OF_ONE_TEST:
            what = f"all its {number(exercise.points)} points hang on one test cell"
            yield Note(what, exercise.answer)


@rule("written-count", "Ask for a judgement in words, at least twice.")
def written_count(context: Context) -> Iterator[Note]:
    """There are at least two written questions."""
    if len(context.lesson.written) < LEAST_WRITTEN:
        yield Note(
            f"{len(context.lesson.written)} written questions, {LEAST_WRITTEN} are the least"
        )


@rule("written-line", "Write `*About 5 minutes · 2 points, graded by hand.*` above the question.")
def written_line(context: Context) -> Iterator[Note]:
    """The text before a written answer says its minutes and points."""
    for cell in context.lesson.written:
        found = _line(WRITTEN_LINE, _text_before(context, cell))
        if found is None:
            yield Note("the text before does not say minutes, points and `graded by hand`", cell)
        elif float(found["points"]) != cell.points:
            yield Note(
                f"the text says {found['points']} points, the cell {number(cell.points)}", cell
            )


@rule("written-rubric", "Write a model answer and `*Rubric.*` between the solution's marks.")
def written_rubric(context: Context) -> Iterator[Note]:
    """Every written question has a model answer with a rubric, both within its solution region."""
    for cell in context.lesson.written:
        if not cell.solution_regions:
            yield Note("it has no solution region", cell)
        elif not any(_is_model_answer(region) for region in cell.solution_regions):
            yield Note("its solution lacks a model answer or a `*Rubric.*` with points", cell)


def hidden_mark_line(cell: Cell) -> int:
    """Give the line in a cell on which its hidden region begins; 0 where it has none."""
    lines = cell.source.splitlines()
    return next((n for n, text in enumerate(lines, start=1) if BEGIN_HIDDEN in text), 0)


def _is_model_answer(region: str) -> bool:
    answer, rubric_mark, rubric = region.partition("*Rubric.*")
    return bool(rubric_mark) and len(answer.split()) >= 5 and "point" in rubric


def _text_before(context: Context, cell: Cell) -> str:
    before = context.before(cell)
    return before.source if before and before.kind == "markdown" else ""


def _line(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((found for line in text.splitlines() if (found := pattern.match(line))), None)


def _definitions(tree: ast.Module) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def _docstrings(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            yield ast.get_docstring(inner) or ""
