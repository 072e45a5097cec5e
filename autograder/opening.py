"""What of `helpers.nn`, the verified versions of answers, is open to students in a week.

`course.toml` lists its modules with the last week that teaches any part of each. A bundle of a
later week carries the module; one of that week or before it does not, and its `__init__` does not
name what is in it.
"""

import ast
from collections.abc import Collection
from pathlib import Path

from autograder.course import Course, Week
from autograder.errors import CourseError

PACKAGE = "nn"


def open_modules(course: Course, week: Week) -> frozenset[str]:
    """Name the modules of `helpers.nn` that students of a week may use.

    Args:
        course: the course.
        week: the week; one without a number counts as coming right after those before it.

    Returns:
        Names such as "layers".
    """
    place = course.weeks.index(week) if week in course.weeks else len(course.weeks)
    before = [w.number for w in course.weeks[:place] if w.number is not None]
    number = week.number if week.number is not None else max(before, default=-1) + 1
    return frozenset(name for name, last in course.opens_after.items() if last < number)


def exports(helpers: Path) -> dict[str, str]:
    """Say in which module each name that `helpers.nn` gives is written.

    Args:
        helpers: the package's folder.

    Returns:
        Module by name, such as {"Linear": "layers"}.
    """
    path = helpers / PACKAGE / "__init__.py"
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        module = _module(node)
        if module:
            assert isinstance(node, ast.ImportFrom)
            found |= {alias.asname or alias.name: module for alias in node.names}
    return found


def opened_files(helpers: Path, opened: Collection[str]) -> list[Path]:
    """List the files of `helpers.nn` that a bundle carries.

    Args:
        helpers: the package's folder.
        opened: the modules that are open.

    Returns:
        `__init__.py` and the modules.

    Raises:
        CourseError: an open module imports one that is not.
    """
    folder = helpers / PACKAGE
    files = [folder / f"{name}.py" for name in sorted(opened)]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for needed in _modules_imported(node, folder):
                if needed not in opened:
                    raise CourseError(
                        f"helpers/{PACKAGE}/{file.stem}.py, line {getattr(node, 'lineno', 1)}, is "
                        f"open to students and imports {needed}, which is not.",
                        "Let both open after the same week ([opens_after] in course.toml), or "
                        "split the module.",
                    )
    return [folder / "__init__.py", *files]


def opened_init(text: str, opened: Collection[str]) -> str:
    """Rewrite the package's `__init__` so that it names only what is open.

    Args:
        text: the whole course's `helpers/nn/__init__.py`.
        opened: the modules that are open.

    Returns:
        Source with the other modules' imports, and their names in `__all__`, left out.
    """
    tree = ast.parse(text)
    names: set[str] = set()
    for node in list(tree.body):
        module = _module(node)
        if module and module not in opened:
            assert isinstance(node, ast.ImportFrom)
            names |= {alias.asname or alias.name for alias in node.names}
            tree.body.remove(node)
    for part in ast.walk(tree):
        if isinstance(part, ast.List):
            part.elts = [
                e for e in part.elts if not (isinstance(e, ast.Constant) and e.value in names)
            ]
    head = "# What of this package is open by now; `course release` has left the rest out.\n"
    return head + ast.unparse(tree) + "\n"


def _module(node: ast.AST) -> str | None:
    """Give the module of the package that a statement imports names from."""
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        before, _, module = node.module.rpartition(".")
        return module if before == f"helpers.{PACKAGE}" else None
    return None


def _modules_imported(node: ast.AST, folder: Path) -> list[str]:
    start = f"helpers.{PACKAGE}."
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return []
    found = {name.removeprefix(start).partition(".")[0] for name in names if name.startswith(start)}
    return sorted(name for name in found if (folder / f"{name}.py").is_file())
