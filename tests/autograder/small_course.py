"""The small course of tests/lessons in a folder of its own, ready to be built or spoilt."""

import shutil
from pathlib import Path

from autograder.course import Course, load_course

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "lessons"
WEEK = "week02_scores"


def make_small_course(folder: Path) -> Course:
    """Copy the small course, with this project's helpers and nbgrader's configuration."""
    shutil.copytree(SMALL, folder)
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=without)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return load_course(folder)


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
