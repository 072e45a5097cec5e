"""Whole submissions made from a lesson: its solution, other right answers, planted mistakes."""

import json
import random
from typing import Any

from autograder.course import Course, Week
from autograder.mutation.run import prepare


def mixtures(
    course: Course, week: Week, *, wrong: int | None, seed: int = 7
) -> list[dict[str, str]]:
    """Mix answers of different exercises into as few submissions as hold them all.

    Args:
        course: the course.
        week: the week.
        wrong: how many mutants of each exercise, drawn by the seed; None for all.
        seed: of the draw.

    Returns:
        Texts of answers by grade_id, one dict a submission; what is not named is the solution's.
        The solution itself, an empty dict, comes first.
    """
    chooser = random.Random(seed)
    columns = {}
    for work in prepare(course, week)[1]:
        mutants = [mutant.source for mutant in work.wrong.values()]
        if wrong is not None:
            mutants = chooser.sample(mutants, min(wrong, len(mutants)))
        right = [alternative.source for alternative in work.right.values()]
        columns[work.exercise.name] = [*right, *mutants]
    rounds = max((len(column) for column in columns.values()), default=0)
    mixed = [
        {name: column[n] for name, column in columns.items() if n < len(column)}
        for n in range(rounds)
    ]
    return [{}, *mixed]


def mixed_notebook(course: Course, week: Week, answers: dict[str, str]) -> dict[str, Any]:
    """Give the solution notebook with some answers replaced.

    Args:
        course: the course.
        week: the week, built.
        answers: texts by grade_id.

    Returns:
        The notebook as JSON, as a student might hand it in.
    """
    notebook = json.loads(week.solution(course).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = answers[grade_id]
    return notebook
