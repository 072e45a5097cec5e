"""Build notebooks from lessons: source → executed solution notebook → student's notebook."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.lesson import read_lesson
from autograder.skeleton import METADATA_KEY, make_skeleton

Progress = Callable[[int, int], None]

_ALONE = Lock()  # weeks are built in threads, and `ast.parse` of Python 3.11 fails in two at once


@dataclass(frozen=True)
class Built:
    """What was done for a week.

    Attributes:
        week: the week's folder.
        why: why the notebook had to be executed; empty where it had not.
        written: the files that changed.
    """

    week: str
    why: str
    written: tuple[Path, ...]


@dataclass(frozen=True)
class Stale:
    """A product that is not what its source gives.

    Attributes:
        week: the week's folder.
        path: the notebook.
        why: in words.
    """

    week: str
    path: Path
    why: str


def build_week(
    course: Course,
    week: Week,
    *,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> Built:
    """Bring a week's two notebooks up to date.

    A notebook is executed only where its code or a module of `helpers` that it uses changed;
    new prose keeps the outputs.

    Args:
        course: the course.
        week: the week.
        force: execute in any case.
        progress: called with the cells done and all cells.

    Returns:
        What was done.

    Raises:
        CourseError: the source has a mistake, or a cell fails.
    """
    import nbformat

    from autograder.execute import execute_notebook

    with _ALONE:
        lesson = read_lesson(week.source(course), week)
        skeleton = make_skeleton(course, week, lesson)
        old = _read_json(week.solution(course))
    why = "forced" if force else _why_execute(skeleton, old)
    total = len(skeleton["cells"])
    if why or old is None:
        notebook = nbformat.from_dict(skeleton)
        execute_notebook(notebook, lesson, course.root, lambda index: progress(index, total))
    else:
        notebook = nbformat.from_dict(_with_outputs(skeleton, old))
    progress(total, total)
    with _ALONE:
        nbformat.validate(notebook)
        solution = nbformat.writes(notebook) + "\n"
        student = student_notebook(solution, week)
    texts = {week.solution(course): solution, week.student(course): student}
    written = tuple(path for path, text in texts.items() if _write(path, text))
    return Built(week.folder, why, written)


def check_week(course: Course, week: Week) -> list[Stale]:
    """Say which of a week's notebooks are not what the source gives, and why.

    Args:
        course: the course.
        week: the week.

    Returns:
        Nothing where all is up to date.

    Raises:
        CourseError: the source is missing or has a mistake.
    """
    import nbformat

    lesson = read_lesson(week.source(course), week)
    skeleton = make_skeleton(course, week, lesson)
    solution_path, student_path = week.solution(course), week.student(course)
    old = _read_json(solution_path)
    why = _why_execute(skeleton, old) or _why_differs(skeleton, old or {})
    stale = [Stale(week.folder, solution_path, why)] if why else []
    student = student_notebook(nbformat.writes(nbformat.from_dict(skeleton)), week)  # no outputs
    if not student_path.is_file():
        stale.append(Stale(week.folder, student_path, "it has not been built"))
    elif student_path.read_text(encoding="utf-8") != student:
        stale.append(Stale(week.folder, student_path, "it is not what its source gives"))
    return stale


def student_notebook(solution: str, week: Week) -> str:
    """Make the student's notebook by nbgrader's own steps and our stubs.

    Args:
        solution: the solution notebook's JSON.
        week: its week, for naming it in errors.

    Returns:
        JSON, byte for byte what `nbgrader generate_assignment` writes.

    Raises:
        CourseError: nbgrader refuses the notebook.
    """
    import logging

    import nbformat
    from nbconvert.exporters import NotebookExporter
    from nbgrader.preprocessors import SaveCells
    from traitlets.config import Config

    from autograder.preprocessors import release_steps

    quiet = logging.getLogger("autograder.quiet")
    quiet.setLevel(logging.CRITICAL + 1)
    exporter = NotebookExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    for step in release_steps():
        if step is not SaveCells:  # writes to the gradebook, changes nothing in the notebook
            exporter.register_preprocessor(step(log=quiet), enabled=True)
    try:
        text, _ = exporter.from_notebook_node(nbformat.reads(solution, as_version=4))
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CourseError(
            f"{week.folder}: nbgrader refuses the notebook: {reason}",
            f"`course lint {week.folder}` names the cell.",
        ) from None
    return str(text)


def _why_execute(skeleton: dict[str, Any], old: dict[str, Any] | None) -> str:
    if old is None:
        return "it has not been built"
    new_facts, old_facts = (made["metadata"].get(METADATA_KEY, {}) for made in (skeleton, old))
    if new_facts["code"] != old_facts.get("code"):
        return "its code changed"
    for kind, folder in (("helpers", ""), ("data", "data/")):
        before, now = old_facts.get(kind, {}), new_facts[kind]
        changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        if changed:
            return f"{', '.join(folder + name for name in changed)} changed"
    if any(
        "execution_count" in c and c["execution_count"] is None and c["source"].strip()
        for c in old["cells"]
    ):
        return "it has not been executed"
    if _code_of(skeleton) != _code_of(old):
        return "it was edited by hand"
    return ""


def _why_differs(skeleton: dict[str, Any], old: dict[str, Any]) -> str:
    """Say what else than code differs: text, metadata, ids."""
    new_facts, old_facts = skeleton["metadata"][METADATA_KEY], old["metadata"][METADATA_KEY]
    if new_facts["source"] != old_facts.get("source"):
        return "its source changed"
    if _with_outputs(skeleton, old) != old:
        return "it was edited by hand"
    return ""


def _code_of(notebook: dict[str, Any]) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _with_outputs(skeleton: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Give the new notebook the outputs of an old one with the same code cells."""
    made = json.loads(json.dumps(skeleton))
    code = (cell for cell in old["cells"] if cell["cell_type"] == "code")
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            before = next(code)
            cell |= {key: before[key] for key in ("execution_count", "outputs")}
    return dict(made)


def _read_json(path: Path) -> dict[str, Any] | None:
    """Read a notebook with its multi-line strings joined; None where it is missing or broken."""
    import nbformat

    try:
        return dict(nbformat.read(path, as_version=4))
    except (OSError, ValueError, nbformat.ValidationError):
        return None


def _write(path: Path, text: str) -> bool:
    """Write a file in one step where its content changes; say whether it did."""
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
    os.chmod(scratch, 0o644)
    os.replace(scratch, path)
    return True
