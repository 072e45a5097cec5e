"""Nothing that goes to students holds a solution, a hidden test or a model answer, of any week."""

import ast
import json
import zipfile
from pathlib import Path

import pytest

from autograder.bundle import make_bundle, zip_bundle
from autograder.course import load_course
from autograder.lesson import BEGIN_SOLUTION, END_SOLUTION, read_lesson
from autograder.lint.built import secrets, squeezed
from autograder.opening import PACKAGE, open_modules, opened_files, opened_init

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


def solved_bodies(weeks) -> list[tuple[str, str]]:
    """Give what students of these weeks write, two statements or more, as syntax trees."""
    bodies = []
    for week in weeks:
        for answer in LESSONS[week.folder].to_write:
            hidden = solution_lines(answer.source)
            for function in ast.walk(answer.tree):
                if isinstance(function, ast.FunctionDef):
                    solved = [part for part in function.body if part.lineno in hidden]
                    if len(solved) > 1:
                        body = ", ".join(ast.dump(part) for part in solved)
                        bodies.append((f"{week.folder}: {answer.grade_id}", body))
    return bodies


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
    for answer, body in solved_bodies(COURSE.weeks):
        assert body not in given, f"{answer}: {body}"


def test_only_notebooks_are_released():
    released = {path.suffix for path in (ROOT / "notebooks").rglob("*") if path.is_file()}
    assert released == {".ipynb"}


@pytest.fixture(scope="module", params=COURSE.weeks, ids=lambda week: week.folder)
def bundle(request, tmp_path_factory):
    folder = make_bundle(COURSE, request.param, tmp_path_factory.mktemp("release"))
    with zipfile.ZipFile(zip_bundle(folder)) as archive:
        return request.param, {name: archive.read(name) for name in archive.namelist()}


def test_no_bundle_holds_a_secret(bundle):
    """Of its own week or a later one; what an earlier week had them write may be in helpers."""
    week, files = bundle
    later = [w.folder for w in COURSE.weeks[COURSE.weeks.index(week) :]]
    for name, content in files.items():
        if name.endswith(".ipynb"):
            text = squeezed("\n".join(strings(json.loads(content))))
        else:
            text = squeezed(content.decode("utf-8", "replace"))
        found = [leak for leak in leaks(text) if leak.partition(":")[0] in later]
        assert found == [], name
        if not name.startswith(f"{week.folder}/helpers/"):  # checks know the marks by name
            assert "BEGINSOLUTION" not in text
            assert "BEGINHIDDENTESTS" not in text


@pytest.mark.parametrize("week", COURSE.weeks, ids=lambda week: week.folder)
def test_no_verified_version_is_open_before_its_last_week(week):
    """Also where this week's bundle carries none of them: a change of a demo must not leak one."""
    place = COURSE.weeks.index(week)
    taught = {
        cell.grade_id for w in COURSE.weeks[place:] for cell in LESSONS[w.folder].of_role("answer")
    }
    later = solved_bodies(COURSE.weeks[place:])
    opened = open_modules(COURSE, week)
    init, *modules = opened_files(ROOT / "helpers", opened)
    texts = [opened_init(init.read_text(encoding="utf-8"), opened)]
    for tree in map(ast.parse, [*texts, *(m.read_text(encoding="utf-8") for m in modules)]):
        defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        named = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
        assert not (defined | named) & taught
        dumped = ast.dump(tree)
        assert [answer for answer, body in later if body in dumped] == []


def test_every_verified_version_opens_sometime():
    modules = {path.stem for path in (ROOT / "helpers" / PACKAGE).glob("[a-z]*.py")}
    assert modules == set(COURSE.opens_after), "list it under [opens_after] in course.toml"


def test_bundles_carry_of_the_verified_versions_what_is_open(bundle):
    week, files = bundle
    folder = f"{week.folder}/helpers/{PACKAGE}/"
    found = {name.removeprefix(folder) for name in files if name.startswith(folder)}
    open_now = {f"{module}.py" for module in open_modules(COURSE, week)}
    assert found in (set(), {"__init__.py", *open_now})


def test_no_bundle_holds_a_source_or_anything_of_the_graders(bundle):
    week, files = bundle
    for name in files:
        first, second = name.split("/")[:2]
        assert first == week.folder
        assert second in (f"{week.name}.ipynb", "helpers", "data", "requirements.txt")
        assert second == "helpers" or not name.endswith(".py")
    assert len([name for name in files if name.endswith(".ipynb")]) == 1
    sources = {week.source(COURSE).read_bytes() for week in COURSE.weeks}
    assert not sources & set(files.values())


def test_no_bundle_brings_a_package_that_its_week_does_without(bundle):
    week, files = bundle
    lines = files[f"{week.folder}/requirements.txt"].decode().splitlines()
    named = {line.partition("==")[0] for line in lines if "==" in line}
    assert set(week.needs) <= named
    assert ("torch" in named) == ("torch" in week.needs)
    assert ("scikit-learn" in named) == ("scikit-learn" in week.needs)
