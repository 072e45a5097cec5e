"""What a student downloads for a week: a folder that runs where it is unpacked, and its zip.

It holds the released notebook, of `helpers` what the notebook imports (of `helpers.nn` what is open
by then), of `data` what it reads, and a short requirements file. Nothing of a solution or a hidden
test is in any of them.
"""

import ast
import importlib.metadata
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from autograder.course import Course, Week
from autograder.data_files import data_files
from autograder.errors import CourseError
from autograder.opening import PACKAGE, open_modules, opened_files, opened_init

ALWAYS = ("check", "notebooks")  # so that `python -m helpers.check NOTEBOOK` works
RUNS_IN = ("jupyterlab", "ipykernel")
LOCK = "requirements.lock"
LICENCES = ("README.md", "licences")
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def make_bundle(course: Course, week: Week, target: Path) -> Path:
    """Make the folder that students get for a week.

    Args:
        course: the course.
        week: the week.
        target: where the folder is to lie; an older one of the same week is replaced.

    Returns:
        The folder, `target/WEEK`.

    Raises:
        CourseError: the week is not built, or a file that it needs is not there.
    """
    notebook, solution = week.student(course), week.solution(course)
    for needed in (notebook, solution):
        if not needed.is_file():
            raise CourseError(
                f"{week.folder} is not built ({needed} is missing).",
                f"Run `course build {week.folder}` first.",
            )
    folder = target / week.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(notebook, folder / f"{week.name}.ipynb")
    trees = list(_code_cells(solution))
    helpers, opened = course.root / "helpers", open_modules(course, week)
    modules = helper_modules(helpers, trees, opened)
    for path in modules:
        _copy(path, folder / "helpers" / path.relative_to(helpers))
    init = folder / "helpers" / PACKAGE / "__init__.py"
    if init.is_file():
        text = opened_init(init.read_text(encoding="utf-8"), opened)
        init.write_text(text, encoding="utf-8")
    for name in data_files(trees):
        if not (course.root / "data" / name).is_file():
            raise CourseError(
                f"{week.folder} reads data/{name}, which is not there.",
                "data/make holds the script that makes it.",
            )
        _copy(course.root / "data" / name, folder / "data" / name)
    if (folder / "data").is_dir():
        for name in LICENCES:
            _copy(course.root / "data" / name, folder / "data" / name)
    packages = {*week.needs, *RUNS_IN, *_distributions(modules)}
    (folder / "requirements.txt").write_text(requirements(course, packages), encoding="utf-8")
    return folder


def zip_bundle(folder: Path) -> Path:
    """Pack a bundle; the same files give the same bytes.

    Args:
        folder: the bundle.

    Returns:
        The zip beside the folder.
    """
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = file.relative_to(folder.parent).as_posix()
                entry = zipfile.ZipInfo(name, ZIP_DATE)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return path


def helper_modules(
    helpers: Path, trees: Iterable[ast.AST], opened: Collection[str] = ()
) -> list[Path]:
    """List the files of `helpers` that some code needs, and what those need in turn.

    Args:
        helpers: the package's folder.
        trees: the code.
        opened: the modules of `helpers.nn` that are open.

    Returns:
        Files, sorted; a subpackage counts as a whole, `helpers.nn` as far as it is open.

    Raises:
        CourseError: an open module of `helpers.nn` imports one that is not.
    """
    found: set[Path] = {helpers / "__init__.py"}
    waiting = [*ALWAYS, *(name for tree in trees for name in _helpers_imported(tree))]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name == PACKAGE and (helpers / name).is_dir():
            files = opened_files(helpers, opened)
        elif (helpers / name).is_dir():
            files = [f for f in (helpers / name).rglob("*") if _is_kept(f)]
        elif (helpers / f"{name}.py").is_file():
            files = [helpers / f"{name}.py"]
        else:
            continue
        found |= set(files)
        for file in files:
            if file.suffix == ".py":
                waiting += _helpers_imported(ast.parse(file.read_text(encoding="utf-8")))
    return sorted(found)


def requirements(course: Course, packages: Iterable[str]) -> str:
    """Write a requirements file with the versions of the course's lock.

    Args:
        course: the course.
        packages: names of distributions.

    Returns:
        The file's text: one line a package, for every system.

    Raises:
        CourseError: a package is not in the lock.
    """
    pins = {
        _normal(name): (name, version)
        for name, version in _PIN.findall((course.root / LOCK).read_text(encoding="utf-8"))
    }
    lines = ["# Versions as the course uses them: python -m pip install -r requirements.txt"]
    for package in sorted({_normal(package) for package in packages}):
        if package not in pins:
            raise CourseError(
                f"{package} is needed but not in {LOCK}.",
                f"Mend `needs` in course.toml, or add {package} to the lock.",
            )
        lines.append("==".join(pins[package]))
    return "\n".join(lines) + "\n"


def _code_cells(notebook: Path) -> Iterator[ast.AST]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = cell["source"]
            text = source if isinstance(source, str) else "".join(source)
            yield ast.parse("\n".join(re.sub(r"^\s*[%!].*", "", t) for t in text.split("\n")))


def _helpers_imported(tree: ast.AST) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [a.name.split(".")[1] for a in node.names if a.name.startswith("helpers.")]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            first, _, rest = node.module.partition(".")
            if first == "helpers":
                names += [rest.split(".")[0]] if rest else [a.name for a in node.names]
    return names


def _is_kept(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc"


def _distributions(modules: Iterable[Path]) -> set[str]:
    """Name the distributions that files of `helpers` cannot be imported without."""
    imported: set[str] = set()
    for path in modules:
        if path.suffix == ".py":
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Import):
                    imported |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    imported.add(node.module.partition(".")[0])
    known = importlib.metadata.packages_distributions()
    foreign = imported - set(sys.stdlib_module_names) - {"helpers"}
    return {known[name][0] for name in foreign if name in known}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.is_file():
        shutil.copyfile(source, target)
