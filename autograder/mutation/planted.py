"""Reads what authors wrote by hand: planted mistakes, equivalent mutants, other right answers."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.lesson import Exercise, Lesson
from autograder.mutation.generate import Mutant, make_mutant
from autograder.mutation.syntax import solution_lines

Text = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Mistake(_Entry):
    """A mistake that students make: in this exercise's answer, `find` becomes `replace`."""

    exercise: Text
    name: Text
    find: Text
    replace: str


class Equivalent(_Entry):
    """A generic mutant that no test can tell from the solution: its lines before and after."""

    exercise: Text
    find: Text
    replace: str
    reason: Text

    def matches(self, mutant: Mutant) -> bool:
        """Say whether this is the mutant that is meant."""
        added = _flat(self.replace) or "pass"
        return _flat(self.find) == mutant.removed and added == (mutant.added or "pass")


class Planted(_Entry):
    """All that one file of `tests/mutants` holds."""

    mistake: list[Mistake] = []
    equivalent: list[Equivalent] = []


class Alternative(_Entry):
    """A right answer written in another way.

    Args:
        exercise: the exercise that it answers.
        label: what its file is called after that.
        source: the whole answer cell.
    """

    exercise: str
    label: str
    source: str


class CannotPlantError(Exception):
    """A mistake written by hand that does not fit the solution; the message is a sentence."""


def mistakes_path(course: Course, week: Week) -> Path:
    """Say where a week's mistakes are written down."""
    return course.root / "tests" / "mutants" / f"{week.folder}.toml"


def alternatives_folder(course: Course, week: Week) -> Path:
    """Say where a week's other right answers lie."""
    return course.root / "tests" / "alternatives" / week.folder


def read_planted(path: Path) -> Planted:
    """Read a week's mistakes and equivalents.

    Args:
        path: a file of `tests/mutants`; one that is not there counts as empty.

    Returns:
        Its entries.

    Raises:
        CourseError: the file is not TOML, or an entry lacks something or has too much.
    """
    if not path.is_file():
        return Planted()
    try:
        return Planted.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is not valid TOML: {error}", "Mend that line.") from None
    except ValidationError as error:
        first = error.errors()[0]
        table, number, *key = [*first["loc"], 0, ""][:3]
        entry = f"[[{table}]] entry {int(number) + 1}" if isinstance(number, int) else f"[{table}]"
        raise CourseError(
            f"{path}, {entry}, {key[0] or 'key'}: {first['msg']}",
            "A [[mistake]] has exercise, name, find, replace; an [[equivalent]] has exercise, "
            "find, replace, reason.",
        ) from None


def plant(mistake: Mistake, exercise: Exercise) -> Mutant:
    """Make the mutant that a mistake describes.

    Args:
        mistake: what to find and what to put there.
        exercise: the exercise it names.

    Returns:
        The mutant.

    Raises:
        CannotPlantError: the text is missing or there twice, changes nothing, or leaves no Python.
    """
    source = exercise.answer.source
    start = _only_place(source, mistake.find)
    changed = source[:start] + mistake.replace + source[start + len(mistake.find) :]
    try:
        after = ast.unparse(ast.parse(changed))
    except SyntaxError as error:
        raise CannotPlantError(
            f"what it leaves is not Python: {error.msg}, line {error.lineno}"
        ) from None
    before = ast.unparse(ast.parse(source))
    if before == after:
        raise CannotPlantError("its `replace` text says the same as its `find` text")
    line = source[:start].count("\n") + 1
    return make_mutant(before, after, mistake.name, line, by_hand=True)


def _only_place(source: str, text: str) -> int:
    """Find where a text stands: once in the solution regions or, if not there, once in the cell."""
    regions = solution_lines(source)
    places = [found.start() for found in re.finditer(re.escape(text), source)]
    solved = [place for place in places if source.count("\n", 0, place) + 1 in regions]
    if len(solved or places) != 1:
        count = len(solved or places)
        where = f"in the answer {count} times" if count else "not in the answer"
        raise CannotPlantError(f"its `find` text is {where}; it must be there exactly once")
    return (solved or places)[0]


def read_alternatives(folder: Path, lesson: Lesson) -> list[Alternative]:
    """Read a week's other right answers.

    Args:
        folder: holds files `EXERCISE.LABEL.py`; one that is not there counts as empty.
        lesson: the week's lesson.

    Returns:
        Them in the order of their names.

    Raises:
        CourseError: a file is named after no exercise.
    """
    known = {exercise.name for exercise in lesson.exercises}
    found = []
    for path in sorted(folder.glob("*.py")):
        exercise, _, label = path.stem.partition(".")
        if exercise not in known:
            raise CourseError(
                f"{path}: {lesson.week} has no exercise {exercise!r}",
                f"Name the file EXERCISE.LABEL.py; exercises: {', '.join(sorted(known))}.",
            )
        found.append(
            Alternative(exercise=exercise, label=label or path.stem, source=path.read_text("utf-8"))
        )
    return found


def _flat(text: str) -> str:
    """Take off indentation and empty lines."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
