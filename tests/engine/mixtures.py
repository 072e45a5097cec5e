"""Submissions made from a lesson's solution, its alternatives and its mutants."""

import json
import random

from autograder.assignment import Assignment
from autograder.course import Course, Week
from autograder.mutation.run import prepare
from autograder.submissions import rebuild
from helpers.notebooks import parse_notebook


def variants(course: Course, week: Week) -> dict[str, dict[str, list[str]]]:
    """List other answers of each exercise: "right" ones and "wrong" ones."""
    _, work = prepare(course, week)
    return {
        one.exercise.name: {
            "right": [alternative.source for alternative in one.right.values()],
            "wrong": [mutant.source for mutant in one.wrong.values()],
        }
        for one in work
    }


def mixtures(course: Course, week: Week, wrong: int | None, seed: int = 7) -> list[dict[str, str]]:
    """Mix variants of different exercises into as few submissions as hold them all.

    Args:
        course: the course.
        week: the week.
        wrong: how many mutants of each exercise, drawn by the seed; None for all.
        seed: of the draw.

    Returns:
        Texts of answers by grade_id, the solution itself (no text) first.
    """
    chooser = random.Random(seed)
    columns = {}
    for name, kinds in variants(course, week).items():
        pool = kinds["wrong"]
        chosen = pool if wrong is None else chooser.sample(pool, min(wrong, len(pool)))
        columns[name] = [*kinds["right"], *chosen]
    rounds = max((len(column) for column in columns.values()), default=0)
    return [
        {},
        *(
            {name: column[n] for name, column in columns.items() if n < len(column)}
            for n in range(rounds)
        ),
    ]


def submitted(course: Course, assignment: Assignment, answers: dict[str, str]) -> dict:
    """Give the solution with some answers replaced, on the instructor's cells."""
    notebook = json.loads(assignment.week.solution(course).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = answers[grade_id]
    return rebuild(parse_notebook(json.dumps(notebook).encode()), assignment).notebook
