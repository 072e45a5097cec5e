"""Nothing that goes to students holds a solution, a hidden test or a model answer, of any week."""

import ast
import json
from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.lesson import BEGIN_SOLUTION, END_SOLUTION, read_lesson
from autograder.lint.built import secrets, squeezed

ROOT = Path(__file__).resolve().parents[1]
COURSE = load_course(ROOT)
LESSONS = {week.folder: read_lesson(week.source(COURSE), week) for week in COURSE.weeks}


def text_of(notebook: Path) -> str:
    """Give all that a notebook holds, sources and outputs, without white space."""
    data = json.loads(notebook.read_text(encoding="utf-8"))
    return squeezed("\n".join(strings(data)))


def strings(data) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, list):
        if all(isinstance(part, str) for part in data):
            return ["".join(data)]
        return [text for part in data for text in strings(part)]
    if isinstance(data, dict):
        return [text for part in data.values() for text in strings(part)]
    return []


def leaks(text: str) -> list[str]:
    """Name every secret of every week that a text without white space holds."""
    return [
        f"{week}: {what}"
        for week, lesson in LESSONS.items()
        for what, body in secrets(lesson)
        if squeezed(body) in text
    ]


def solution_lines(source: str) -> set[int]:
    inside, found = False, set()
    for number, line in enumerate(source.splitlines(), start=1):
        inside = (inside or BEGIN_SOLUTION in line) and END_SOLUTION not in line
        if inside:
            found.add(number)
    return found


@pytest.mark.parametrize("week", COURSE.weeks, ids=lambda week: week.folder)
def test_no_student_notebook_holds_a_secret(week):
    text = text_of(week.student(COURSE))
    assert leaks(text) == []
    for mark in ("BEGINSOLUTION", "ENDSOLUTION", "BEGINHIDDENTESTS", "ENDHIDDENTESTS", "*Rubric.*"):
        assert mark not in text


@pytest.mark.parametrize("week", COURSE.weeks, ids=lambda week: week.folder)
def test_the_search_finds_what_a_solution_notebook_holds(week):
    own = [f"{week.folder}: {what}" for what, _ in secrets(LESSONS[week.folder])]
    assert len(own) >= len(LESSONS[week.folder].exercises)
    assert set(own) <= set(leaks(text_of(week.solution(COURSE))))


@pytest.mark.parametrize("week", COURSE.weeks, ids=lambda week: week.folder)
def test_no_solution_comes_back_in_another_form(week):
    """Also not with other comments or line breaks: the syntax trees are compared."""
    given = "\n".join(
        ast.dump(parsed)
        for cell in json.loads(week.student(COURSE).read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
        for parsed in ast.walk(ast.parse("".join(cell["source"])))
        if isinstance(parsed, ast.FunctionDef)
    )
    for lesson in LESSONS.values():
        for answer in lesson.of_role("answer"):
            hidden = solution_lines(answer.source)
            for function in ast.walk(answer.tree):
                if isinstance(function, ast.FunctionDef):
                    solved = [part for part in function.body if part.lineno in hidden]
                    body = ", ".join(ast.dump(part) for part in solved)
                    assert len(solved) < 2 or body not in given, f"{answer.grade_id}: {body}"


def test_only_notebooks_are_released():
    released = {path.suffix for path in (ROOT / "notebooks").rglob("*") if path.is_file()}
    assert released == {".ipynb"}
