"""Rules for the built notebooks: outputs there, no error, small, and no leak to students."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.lesson import Lesson
from autograder.lint.rules import Context, Note, plot_calls, rule

LARGEST_BYTES = 1_500_000
BUILD = "Run `course build`."

_PRIVATE = re.compile(r"\bat 0x[0-9a-f]{6,}|(?<![\w./])/(?:home|root|Users|tmp|work)/[\w.-]+")


@rule("built-present", BUILD)
def built_present(context: Context) -> Iterator[Note]:
    """Both notebooks are there, and have the cells of the source."""
    sources = [cell.source for cell in context.code]
    for path, notebook in _notebooks(context):
        if notebook is None:
            yield Note("it is missing or broken", path=path)
        elif len(_code(notebook)) != len(sources):
            yield Note("it has other code cells than the source", path=path)
    if context.solution and len(_code(context.solution)) == len(sources):
        made = [_text(cell["source"]) for cell in _code(context.solution)]
        if made != sources:
            path = context.week.solution(context.course)
            yield Note("its code is not that of the source", path=path)


@rule("built-outputs", BUILD)
def built_outputs(context: Context) -> Iterator[Note]:
    """The solution notebook has been executed, and every figure is in it, with its alt text."""
    path = context.week.solution(context.course)
    cells = _code(context.solution)
    if len(cells) != len(context.code):
        return
    for source, cell in zip(context.code, cells, strict=True):
        if source.source and cell.get("execution_count") is None:
            yield Note(f"{source.label} has not been executed", path=path)
        pictures = [o for o in cell.get("outputs", ()) if _is_picture(o)]
        if any(plot_calls(source.tree)) and not pictures:
            yield Note(f"{source.label} has no figure in its output", path=path)
        for output in pictures:
            metadata = output.get("metadata", {})
            if not any(isinstance(v, dict) and v.get("alt") for v in metadata.values()):
                yield Note(f"a figure of {source.label} has no alt text in its output", path=path)


@rule("built-errors", "Catch the exception that the cell shows, or mend the cell; then build.")
def built_errors(context: Context) -> Iterator[Note]:
    """No cell of the solution notebook is in error, none shows a warning."""
    path = context.week.solution(context.course)
    for index, cell in enumerate((context.solution or {"cells": []})["cells"], start=1):
        for output in cell.get("outputs", ()):
            if output.get("output_type") == "error":
                yield Note(f"cell {index} ended in {output.get('ename')}", path=path)
            elif output.get("name") == "stderr" and "Warning" in _text(output.get("text", "")):
                yield Note(f"cell {index} shows a warning", path=path)


@rule("built-private", "Print what the lesson is about, nothing of this machine or this run.")
def built_private(context: Context) -> Iterator[Note]:
    """No output tells a folder of the author's machine or an address in its memory."""
    path = context.week.solution(context.course)
    for index, cell in enumerate((context.solution or {"cells": []})["cells"], start=1):
        for output in cell.get("outputs", ()):
            texts = [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
            found = _PRIVATE.search("\n".join(_text(text) for text in texts))
            if found:
                yield Note(f"cell {index} shows {found[0]!r}", path=path)


@rule("built-size", "Draw fewer or smaller figures, print less.")
def built_size(context: Context) -> Iterator[Note]:
    """No built notebook is larger than 1.5 MB."""
    for path, notebook in _notebooks(context):
        if notebook is not None and path.stat().st_size > LARGEST_BYTES:
            yield Note(f"it has {path.stat().st_size / 1e6:.1f} MB", path=path)


@rule("student-leak", "Never edit it by hand; run `course build`.")
def student_leak(context: Context) -> Iterator[Note]:
    """The student's notebook holds no solution, no hidden test and no output."""
    path = context.week.student(context.course)
    if context.student is None:
        return
    text = squeezed("\n".join(_text(cell["source"]) for cell in context.student["cells"]))
    for what, body in secrets(context.lesson):
        if squeezed(body) in text:
            yield Note(f"it holds {what}", path=path)
    for mark in ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"):
        if squeezed(mark) in text:
            yield Note(f"it holds the mark `{mark}`", path=path)
    if any(cell.get("outputs") for cell in context.student["cells"]):
        yield Note("it holds outputs", path=path)


@rule("student-stub", "Never edit it by hand; run `course build`.")
def student_stub(context: Context) -> Iterator[Note]:
    """In the student's notebook every answer says that it is not written yet."""
    path = context.week.student(context.course)
    if context.student is None:
        return
    sources = {cell.get("id"): _text(cell["source"]) for cell in context.student["cells"]}
    for answer in context.lesson.to_write:
        if "is not written yet" not in sources.get(answer.grade_id, ""):
            yield Note(f"`{answer.grade_id}` has no stub", path=path)


def secrets(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Give what a student must never see.

    Args:
        lesson: a lesson.

    Yields:
        In words what it is, and its text: solution bodies of two lines or more, hidden tests and
        model answers.
    """
    for cell in (*lesson.to_write, *lesson.written):
        for region in cell.solution_regions:
            if len([line for line in region.splitlines() if line.strip()]) >= 2:
                yield f"a solution of `{cell.grade_id}`", region
    for cell in lesson.of_role("test"):
        if cell.hidden_source.strip():
            yield f"the hidden tests of `{cell.grade_id}`", cell.hidden_source


def squeezed(text: str) -> str:
    """Drop all white space, so that layout hides nothing."""
    return "".join(text.split())


def _notebooks(context: Context) -> Iterator[tuple[Path, dict[str, Any] | None]]:
    yield context.week.solution(context.course), context.solution
    yield context.week.student(context.course), context.student


def _code(notebook: dict[str, Any] | None) -> list[dict[str, Any]]:
    cells = notebook["cells"] if notebook else []
    return [cell for cell in cells if cell.get("cell_type") == "code"]


def _is_picture(output: dict[str, Any]) -> bool:
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
