"""A lesson as a notebook without outputs, and the hashes that say what it was made from."""

import ast
import hashlib
import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from autograder.course import Course, Week
from autograder.data_files import data_files
from autograder.errors import CourseError
from autograder.lesson import Cell, Lesson
from autograder.opening import PACKAGE, open_modules, opened_init

METADATA_KEY = "course"

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}

_NOT_IN_NOTEBOOKS = ("lines_to_next_cell", "lines_to_end_of_cell_marker")
_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def make_skeleton(course: Course, week: Week, lesson: Lesson) -> dict[str, Any]:
    """Make the solution notebook as it is before it is executed.

    Args:
        course: the course.
        week: the week.
        lesson: its source, read.

    Returns:
        A notebook of format 4.5 as plain data; the same on every machine.

    Raises:
        CourseError: two cells have the same id.
    """
    cells = []
    first: dict[str, Cell] = {}
    for cell in lesson.cells:
        identity = cell_id(week.name, cell)
        if identity in first:
            raise CourseError(
                f"{lesson.path}, line {cell.first_line}: {cell.label} has the grade_id of "
                f"{first[identity].label}, line {first[identity].first_line}",
                "Give it an id of its own.",
            )
        first[identity] = cell
        kept = {k: v for k, v in cell.metadata.items() if k not in _NOT_IN_NOTEBOOKS}
        made: dict[str, Any] = {
            "cell_type": cell.kind,
            "id": identity,
            "metadata": kept,
            "source": cell.source,
        }
        if cell.kind == "code":
            made |= {"execution_count": None, "outputs": []}
        cells.append(made)
    metadata: dict[str, Any] = {
        "kernelspec": KERNEL,
        "language_info": LANGUAGE,
        METADATA_KEY: {
            "generated_from": week.source(course).relative_to(course.root).as_posix(),
            "command": f"course build {week.folder}",
            "source": _digest(lesson.path.read_text(encoding="utf-8")),
            "code": _digest(json.dumps([c["source"] for c in cells if c["cell_type"] == "code"])),
            "helpers": helper_hashes(course.root, lesson, open_modules(course, week)),
            "data": data_hashes(course.root, lesson),
        },
    }
    if week.withheld:
        asked = {"by": week.spoken, "names": list(week.withheld)}
        metadata[METADATA_KEY] |= {"withheld": asked}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def cell_id(notebook: str, cell: Cell) -> str:
    """Give a cell's id: its grade_id, else a hash of the notebook's name and the position.

    Args:
        notebook: the notebook's name.
        cell: the cell.

    Returns:
        An id that nbformat 4.5 accepts.
    """
    if cell.grade_id and _VALID_ID.fullmatch(cell.grade_id):
        return cell.grade_id
    return hashlib.sha256(f"{notebook}:{cell.index}".encode()).hexdigest()[:12]


def helper_hashes(root: Path, lesson: Lesson, opened: Collection[str] = ()) -> dict[str, str]:
    """Hash every module of `helpers` that a lesson imports, straight or through others.

    Args:
        root: the course's folder.
        lesson: the lesson.
        opened: the modules of `helpers.nn` that are open by then; others do not count.

    Returns:
        By module name a hash of its syntax tree, docstrings and comments left out.
    """
    waiting = {name for cell in lesson.cells if cell.kind == "code" for name in _imports(cell.tree)}
    hashes: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        path = _module_file(root, name)
        module = name.removeprefix(f"helpers.{PACKAGE}.")
        if path is None or name in hashes or (module != name and module not in opened):
            continue
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(opened_init(text, opened) if name == f"helpers.{PACKAGE}" else text)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting |= _imports(tree, package)
        hashes[name] = _digest(ast.dump(_without_docstrings(tree)))
    return dict(sorted(hashes.items()))


def data_hashes(root: Path, lesson: Lesson) -> dict[str, str]:
    """Hash every file of `data` that a lesson reads through `helpers.datasets`.

    Args:
        root: the course's folder.
        lesson: the lesson.

    Returns:
        By name below `data` a hash of the content; files that are not there are left out.
    """
    trees = [cell.tree for cell in lesson.cells if cell.kind == "code"]
    paths = {name: root / "data" / name for name in data_files(trees)}
    contents = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    return {name: hashlib.sha256(content).hexdigest()[:16] for name, content in contents.items()}


def _imports(tree: ast.AST, package: str = "") -> set[str]:
    """Name the modules of `helpers` that might be imported (also names that are no modules)."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names: Iterable[str] = (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parts, *([node.module] if node.module else [])])
            names = (base, *(f"{base}.{alias.name}" for alias in node.names))
        else:
            continue
        for name in names:
            if name.split(".")[0] == "helpers":
                parts = name.split(".")
                found |= {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
    return found


def _module_file(root: Path, name: str) -> Path | None:
    base = root.joinpath(*name.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            is_text = body and isinstance(body[0], ast.Expr)
            if is_text and ast.get_docstring(node, clean=False) is not None:
                node.body = body[1:]
    return tree


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
