"""Rules for how a lesson begins: header, title, outcomes, time and points."""

import re
from collections.abc import Iterator

from autograder.lesson import Cell, minutes_before
from autograder.lint.rules import Context, Note, number, rule

OUTCOMES = ("LO1", "LO2", "LO3", "LO4", "LO5")
MINUTES_RANGE = (180, 300)

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""

FRONT_LINE = re.compile(
    r"^\*\*Time\*\* about (?P<minutes>\d+) minutes, (?P<reading>\d+) of them reading"
    r" · \*\*Points\*\* (?P<points>\d+(?:\.\d+)?) · \*\*Before this\*\* \S",
    re.MULTILINE,
)
_ROW = re.compile(r"^\|(?P<text>.+?)\|(?P<outcome>[^|]*)\|\s*$")


def front(context: Context) -> str:
    """Give the source of the first cell, or "" where that is no text."""
    cells = context.lesson.cells
    return cells[0].source if cells and cells[0].kind == "markdown" else ""


def outcomes(context: Context) -> list[tuple[int, str]]:
    """Give the rows of the table of outcomes: line in the cell, and what its last column says."""
    rows = []
    inside = False
    for line, text in enumerate(front(context).splitlines(), start=1):
        if text.replace(" ", "").lower() == "|afterthisyoucan|outcome|":
            inside = True
        elif inside and (row := _ROW.match(text)) and set(row["outcome"]) - set("-: "):
            rows.append((line, row["outcome"].strip()))
    return rows


@rule("header", "Begin the file with the same jupytext header as the other lessons.")
def header(context: Context) -> Iterator[Note]:
    """The file begins with the same jupytext header as every lesson."""
    if not context.lesson.path.read_text(encoding="utf-8").startswith(HEADER):
        yield Note("the file's first lines are not the usual header")


@rule("front-title", "Write `# Week N · Title` with number and title as in course.toml.")
def front_title(context: Context) -> Iterator[Note]:
    """The first cell is text and begins with the week's number and title."""
    week = context.week
    wanted = (
        f"# Week {week.number} · {week.title}" if week.number is not None else f"# {week.title}"
    )
    first = (front(context).splitlines() or [""])[0]
    if first != wanted:
        yield Note(f"the first cell begins with {first!r}, not {wanted!r}", context.lesson.cells[0])


@rule("front-sentence", "After the title write a sentence that makes one want to read on.")
def front_sentence(context: Context) -> Iterator[Note]:
    """Between the title and the table stands a sentence of prose."""
    above = front(context).split("\n|")[0].split("\n", 1)[1:]
    if len("".join(above).split()) < 6:
        yield Note("there is no opening sentence", context.lesson.cells[0])


@rule("front-outcomes", "Add a table `| After this you can | outcome |` with LO1 to LO5 in it.")
def front_outcomes(context: Context) -> Iterator[Note]:
    """The first cell's table names what the student can do then, each row with its outcome."""
    rows = outcomes(context)
    if not rows:
        yield Note("there is no table of outcomes", context.lesson.cells[0])
    for line, text in rows:
        named = re.split(r",\s*", text)
        if not set(named) <= set(OUTCOMES):
            yield Note(f"{text!r} is no learning outcome", context.lesson.cells[0], line)


@rule(
    "front-line",
    "Write `**Time** about 240 minutes, 80 of them reading · **Points** 26 · **Before this** …`.",
)
def front_line(context: Context) -> Iterator[Note]:
    """The first cell has the line with time, points and what comes before."""
    if not FRONT_LINE.search(front(context)):
        yield Note("the line with time and points is missing", context.lesson.cells[0])


@rule("front-points", "Let the line say the points of course.toml.")
def front_points(context: Context) -> Iterator[Note]:
    """The points in the first cell are those of course.toml."""
    found = FRONT_LINE.search(front(context))
    if found and float(found["points"]) != context.week.points:
        what = f"it says {found['points']} points, course.toml {number(context.week.points)}"
        yield Note(what, context.lesson.cells[0], _line_of(context.lesson.cells[0], found))


@rule("minutes-range", "A week takes 180 to 300 minutes: cut it, or say so honestly.")
def minutes_range(context: Context) -> Iterator[Note]:
    """A week takes three to five hours."""
    found = FRONT_LINE.search(front(context))
    low, high = MINUTES_RANGE
    if found and not low <= int(found["minutes"]) <= high:
        what = f"{found['minutes']} minutes are not within {low} to {high}"
        yield Note(what, context.lesson.cells[0], _line_of(context.lesson.cells[0], found))


@rule("minutes-sum", "Make the minutes of reading, exercises and written questions sum up.")
def minutes_sum(context: Context) -> Iterator[Note]:
    """The minutes are those of the reading, the exercises and the written questions together."""
    found = FRONT_LINE.search(front(context))
    if not found:
        return
    lesson = context.lesson
    tasks = sum(minutes_before(lesson.cells, c) or 0 for c in lesson.of_role("answer", "written"))
    total = int(found["reading"]) + tasks
    if total != int(found["minutes"]):
        what = (
            f"it says {found['minutes']} minutes, but {found['reading']} of reading and {tasks} of "
            f"tasks are {total}"
        )
        yield Note(what, lesson.cells[0], _line_of(lesson.cells[0], found))


def _line_of(cell: Cell, found: re.Match[str]) -> int:
    return cell.source[: found.start()].count("\n") + 1
