"""The bundle: runs where it is unpacked, holds what it needs, and no more."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from graded_course import (
    HIDDEN_LINES,
    NAME,
    RIGHT,
    ROOT,
    SOLUTION_LINES,
    WEEK,
    make_course,
    submitted_notebook,
)

from autograder.bundle import helper_modules, make_bundle, requirements, zip_bundle
from autograder.data_files import data_files
from autograder.errors import CourseError
from helpers import datasets

HELPERS = ROOT / "helpers"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def bundle(course, tmp_path_factory):
    return make_bundle(course, course.weeks[0], tmp_path_factory.mktemp("release"))


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_the_notebook_needs_and_no_more(bundle):
    found = names(bundle)
    assert bundle.name == WEEK
    assert {f"{NAME}.ipynb", "requirements.txt", "helpers/checks/__init__.py"} <= found
    assert {"helpers/check.py", "helpers/notebooks.py", "helpers/datasets.py"} <= found
    assert {"data/iris.npz", "data/README.md"} <= found
    assert not any(name.endswith((".pyc", ".db", ".toml")) for name in found)
    assert [name for name in found if name.startswith("data/") and name.endswith(".npz")] == [
        "data/iris.npz"
    ]
    assert not any(name.startswith(("helpers/plots", "autograder", "solutions")) for name in found)


def test_no_solution_and_no_hidden_test_is_in_it(bundle):
    for path in bundle.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for line in (*HIDDEN_LINES, *SOLUTION_LINES):
                assert line.encode() not in content, path


def test_the_notebook_is_the_released_one(bundle, course):
    assert (bundle / f"{NAME}.ipynb").read_bytes() == course.weeks[0].student(course).read_bytes()


def test_the_zip_is_the_same_each_time(bundle, course, tmp_path):
    first = zip_bundle(bundle)
    second = zip_bundle(make_bundle(course, course.weeks[0], tmp_path))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        inside = archive.namelist()
    assert set(inside) == {f"{WEEK}/{name}" for name in names(bundle)}
    assert inside == sorted(inside)


@pytest.mark.slow
def test_it_runs_where_it_is_unpacked(bundle, course, tmp_path):
    with zipfile.ZipFile(zip_bundle(bundle)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / WEEK
    (folder / f"{NAME}.ipynb").write_text(json.dumps(submitted_notebook(course, RIGHT)))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "helpers.check", f"{NAME}.ipynb"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "double" in done.stdout
    where = [
        sys.executable,
        "-c",
        "import helpers.datasets as d; print(d.DATA, len(d.iris().labels))",
    ]
    told = subprocess.run(
        where, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == [str((folder / "data").resolve()), "150"]


def test_the_requirements_are_short_and_exact(bundle):
    lines = (bundle / "requirements.txt").read_text().splitlines()[1:]
    pins = dict(line.split("==") for line in lines)
    assert {"numpy", "matplotlib", "jupyterlab", "ipykernel"} <= set(pins)
    assert not {"torch", "torchvision", "scikit-learn", "nbgrader"} & set(pins)
    lock = (ROOT / "requirements.lock").read_text()
    assert all(f"{name}=={version} " in lock for name, version in pins.items())
    assert len(lines) < 12


def test_a_package_that_the_lock_does_not_have_is_named(course):
    with pytest.raises(CourseError, match="tensorflow is needed"):
        requirements(course, ["numpy", "tensorflow"])


def test_torch_comes_where_a_week_needs_it(course):
    assert "torch==2.11.0\n" in requirements(course, ["torch"])


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("datasets.digits()", ["digits.npz"]),
        ("from helpers.datasets import iris, digits", ["digits.npz", "iris.npz"]),
        ("datasets.fashion_mnist(form='small28')", ["fashion_small28.npz"]),
        ("datasets.fashion_mnist('small14').names", ["fashion_small14.npz"]),
        ("datasets.fashion_mnist()", ["fashion_small14.npz"]),
        ("datasets.fashion_mnist(form=size)", ["fashion_small14.npz", "fashion_small28.npz"]),
        ("datasets.fashion_mnist(form='full')", sorted(datasets.FILES["fashion_mnist:full"])),
        ("x = 1", []),
        ("datasets.DATA", []),
    ],
)
def test_only_the_data_that_is_read_comes_along(code, wanted):
    assert data_files([ast.parse(code)]) == wanted


def test_where_it_does_not_show_all_small_sets_come():
    found = data_files([ast.parse("load(datasets)")])
    assert "pictures.npz" in found
    assert not any("ubyte" in name for name in found)


def test_helpers_come_with_what_they_need():
    found = {p.relative_to(HELPERS).as_posix() for p in helper_modules(HELPERS, [])}
    assert {"__init__.py", "check.py", "notebooks.py"} <= found
    assert "datasets.py" not in found
    tree = ast.parse("from helpers import plots\nimport helpers.gradients")
    more = {p.relative_to(HELPERS).as_posix() for p in helper_modules(HELPERS, [tree])}
    assert {"gradients.py", "plots/__init__.py"} <= more
    assert not any("__pycache__" in name for name in more)


def test_an_older_bundle_leaves_nothing_behind(course, tmp_path):
    (tmp_path / WEEK).mkdir()
    (tmp_path / WEEK / "solution.py").write_text("secret")
    assert "solution.py" not in names(make_bundle(course, course.weeks[0], tmp_path))


def test_a_week_that_is_not_built_is_named(tmp_path):
    course = make_course(tmp_path)
    shutil.rmtree(tmp_path / "notebooks")
    with pytest.raises(CourseError, match="not built") as found:
        make_bundle(course, course.weeks[0], tmp_path / "to")
    assert "course build week01_small" in found.value.cure
