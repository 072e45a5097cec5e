"""What the submissions of the demo class are made of: the week's release and its solution."""

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.lesson import Lesson, read_lesson
from autograder.mutation.planted import (
    alternatives_folder,
    mistakes_path,
    read_alternatives,
    read_planted,
)

WRITTEN_ANSWER = "I would say it depends on the data, and here is why: …"
CLEARED = "# demonstration left out"


@dataclass(frozen=True)
class Material:
    """The week as students got it, and what its author wrote down for checking the tests.

    Attributes:
        released: the student's notebook, as JSON.
        lesson: the lesson's source.
        alternatives: for each exercise one right answer written otherwise, where there is one.
        mistakes: planted mistakes, (text to find, text to put there) by (exercise, name).
        secrets: folders and files of the instructor and of other students.
    """

    released: dict[str, Any]
    lesson: Lesson
    alternatives: Mapping[str, str]
    mistakes: Mapping[tuple[str, str], tuple[str, str]]
    secrets: tuple[Path, ...]

    @cached_property
    def solution(self) -> dict[str, str]:
        """The right answers by exercise, without the marks of the solution's regions."""
        return {
            exercise.name: _without_marks(exercise.answer.source)
            for exercise in self.lesson.exercises
        }

    def with_mistake(self, exercise: str, name: str) -> str:
        """Plant one of the week's known mistakes into the right answer.

        Args:
            exercise: the exercise.
            name: the mistake's name in `tests/mutants/`.

        Returns:
            The answer cell with the mistake.

        Raises:
            CourseError: there is no such mistake, or it does not fit the solution.
        """
        try:
            find, replace = self.mistakes[exercise, name]
        except KeyError:
            raise CourseError(
                f"{self.lesson.week} has no planted mistake {name!r} for {exercise}.",
                "autograder/demo/members.py must name mistakes that tests/mutants/ holds.",
            ) from None
        source = self.lesson.exercise(exercise).answer.source
        if source.count(find) != 1:
            raise CourseError(
                f"the planted mistake {name!r} does not fit the solution of {exercise}.",
                "Its `find` text in tests/mutants/ must stand in the answer exactly once.",
            )
        return _without_marks(source.replace(find, replace))

    def notebook(
        self,
        answers: Mapping[str, str],
        *,
        own_cells: Iterable[str] = (),
        written: bool = True,
    ) -> dict[str, Any]:
        """Fill in the student's notebook.

        Demonstration cells are cleared: the reference engine runs every cell, and drawing and
        training would take most of the demo's time without touching a point (week 1: 15 seconds a
        notebook with them, 7 without; the same points).

        Args:
            answers: what to put into the answer cells, by exercise; others stay untouched.
            own_cells: code cells of the student's own, put in before the first answer.
            written: whether the written questions are answered.

        Returns:
            The notebook as JSON.
        """
        notebook = copy.deepcopy(self.released)
        open_answers = dict(answers)
        first_answer = None
        for index, cell in enumerate(notebook["cells"]):
            marks = cell["metadata"].get("nbgrader", {})
            if "demo" in cell["metadata"].get("tags", ()):
                cell["source"] = CLEARED
            elif marks.get("solution") and not marks.get("grade"):
                first_answer = index if first_answer is None else first_answer
                cell["source"] = open_answers.pop(marks["grade_id"], cell["source"])
            elif marks.get("solution") and written:
                cell["source"] = WRITTEN_ANSWER
        if open_answers:
            raise CourseError(
                f"{self.lesson.week} has no exercise {', '.join(sorted(open_answers))}.",
                "autograder/demo/members.py must name exercises of the lesson.",
            )
        notebook["cells"][first_answer or 0 : first_answer or 0] = [
            code_cell(f"own-{number}", source) for number, source in enumerate(own_cells)
        ]
        return notebook


def code_cell(identity: str, source: str) -> dict[str, Any]:
    """Make a code cell that is not graded.

    Args:
        identity: the cell's id.
        source: its text.

    Returns:
        The cell as JSON.
    """
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identity,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def graded_cell(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    """Find a cell by its id for grading.

    Args:
        notebook: the notebook as JSON.
        grade_id: nbgrader's id.

    Returns:
        The cell itself, not a copy.

    Raises:
        CourseError: there is none.
    """
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return cell
    raise CourseError(
        f"the released notebook has no cell {grade_id!r}.",
        "autograder/demo/members.py must name cells of the lesson; run `course build`.",
    )


def to_bytes(notebook: dict[str, Any]) -> bytes:
    """Write a notebook as Jupyter saves it.

    Args:
        notebook: the notebook as JSON.

    Returns:
        The file's content.
    """
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def read_material(course: Course, week: Week, bundle: Path, secrets: Iterable[Path]) -> Material:
    """Read everything that submissions of a week are made of.

    Args:
        course: the real course, with its `tests/` folder.
        week: the week.
        bundle: the released bundle.
        secrets: what a curious student would like to read.

    Returns:
        The material.
    """
    lesson = read_lesson(week.source(course), week)
    alternatives: dict[str, str] = {}
    for alternative in read_alternatives(alternatives_folder(course, week), lesson):
        alternatives.setdefault(alternative.exercise, alternative.source)
    planted = read_planted(mistakes_path(course, week))
    return Material(
        released=json.loads((bundle / f"{week.name}.ipynb").read_text(encoding="utf-8")),
        lesson=lesson,
        alternatives=alternatives,
        mistakes={(m.exercise, m.name): (m.find, m.replace) for m in planted.mistake},
        secrets=tuple(secrets),
    )


def _without_marks(source: str) -> str:
    marks = ("BEGIN SOLUTION", "END SOLUTION")
    return "\n".join(
        line for line in source.splitlines() if not any(mark in line for mark in marks)
    )
