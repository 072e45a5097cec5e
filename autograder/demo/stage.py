"""A course of its own for the demo: same lesson, same helpers, its own private folder."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from autograder.course import Course, Week, load_course
from autograder.demo.material import Material
from autograder.demo.members import Member
from autograder.errors import CourseError
from autograder.scratch import make_private

MARK = ".made-by-course-demo"
"""A folder without this file is never replaced."""

_LINKED = ("helpers", "data")
_COPIED = ("nbgrader_config.py", "requirements.lock")


def make_stage(course: Course, week: Week, target: Path) -> Course:
    """Lay out a fresh course folder for the demo, with one week in it.

    Args:
        course: the real course; nothing of it is changed.
        week: the week to show.
        target: where the folder is to lie; an earlier demo there is replaced.

    Returns:
        The demo's course.

    Raises:
        CourseError: the target holds something else, or the week is not built.
    """
    target = target.resolve()
    _clear(target, course)
    make_private(target)
    (target / MARK).write_text("This folder is replaced whenever `course demo` runs.\n")
    for path in (week.source(course), week.solution(course), week.student(course)):
        if not path.is_file():
            raise CourseError(
                f"{week.folder} is not built ({path} is missing).",
                f"Run `course build {week.folder}` first.",
            )
        copy = target / path.relative_to(course.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    for name in _LINKED:
        (target / name).symlink_to(course.root / name)
    for name in _COPIED:
        shutil.copyfile(course.root / name, target / name)
    (target / "course.toml").write_text(_syllabus(course, week), encoding="utf-8")
    return load_course(target)


def hand_in(stage: Course, week: Week, members: Sequence[Member], material: Material) -> None:
    """Put every member's notebook where submissions lie.

    Args:
        stage: the demo's course.
        week: the week.
        members: the class.
        material: what their notebooks are made of.
    """
    make_private(stage.private)
    for member in members:
        folder = stage.private / "submitted" / member.folder / week.folder
        folder.mkdir(parents=True)
        (folder / (member.file or f"{week.name}.ipynb")).write_bytes(member.make(material))


def _clear(target: Path, course: Course) -> None:
    if not target.exists():
        return
    is_empty = target.is_dir() and not any(target.iterdir())
    if is_empty:
        return
    if target in (course.root, *course.root.parents) or not (target / MARK).is_file():
        raise CourseError(
            f"{target} is not empty and was not made by `course demo`.",
            "Give a new folder by --target.",
        )
    shutil.rmtree(target)


def _syllabus(course: Course, week: Week) -> str:
    """Write the demo's course.toml; TOML's strings and lists of strings are JSON's."""

    def text(value: str | tuple[str, ...]) -> str:
        return json.dumps(value, ensure_ascii=False)

    lines = [
        "# Made by `course demo`.",
        f"title = {text(course.title + ' (demo)')}",
        'private = "private"',
        'gradebook = "private"  # the class is made up: never into the course\'s own',
        "",
        "[limits]",
        *(f"{key} = {value}" for key, value in course.limits.model_dump().items()),
        "",
        "[[week]]",
        f"folder = {text(week.folder)}",
        f"title = {text(week.title)}",
        f"points = {week.points:g}",
        *([f"due = {week.due.isoformat()}"] if week.due else []),
        *(f"{key} = {text(getattr(week, key))}" for key in ("answers", "demos", "tests", "needs")),
    ]
    return "\n".join(lines) + "\n"
