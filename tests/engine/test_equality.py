"""The judge's points are those of the reference, cell by cell, for right and wrong answers."""

import json
import os
import threading
from pathlib import Path

import pytest
from plain_reference import plain_scores, warm_up

from autograder.assignment import prepare_assignment
from autograder.course import load_course
from autograder.engines.judge.confine import available_walls
from autograder.engines.judge.engine import JudgeEngine, make_job
from autograder.mutation.mixtures import mixed_notebook, mixtures
from autograder.submissions import rebuild
from helpers.notebooks import parse_notebook

COURSE = load_course(Path(__file__).parents[2])
SECONDS = 6
SANDBOX = "bubblewrap" if None in available_walls().values() else "none"
HOW_MANY = os.environ.get("EQUALITY_MUTANTS", "4")  # of each exercise, or "all"


def submitted(course, assignment, answers):
    notebook = mixed_notebook(course, assignment.week, answers)
    return rebuild(parse_notebook(json.dumps(notebook).encode()), assignment).notebook


@pytest.mark.slow
@pytest.mark.parametrize("week", COURSE.weeks, ids=lambda week: week.folder)
def test_points_are_equal_cell_by_cell(week):
    limits = COURSE.limits.model_copy(update={"seconds_per_cell": SECONDS})
    course = COURSE.model_copy(update={"limits": limits})
    wrong = None if HOW_MANY == "all" else int(HOW_MANY)
    differences = []
    with (
        prepare_assignment(course, week) as assignment,
        JudgeEngine().prepare(course, assignment, SANDBOX) as grader,
    ):
        answers = mixtures(course, week, wrong=wrong)
        warm_up(make_job(course, assignment, submitted(course, assignment, {}))["cells"])
        for number, texts in enumerate(answers):
            notebook = submitted(course, assignment, texts)
            job = make_job(course, assignment, notebook)
            expected = plain_scores(job["cells"], SECONDS)
            findings = grader.grade(notebook, threading.Event())
            assert findings.problem is None
            messages = {found.cell: found for found in findings.cells}
            for cell in job["cells"]:
                name = cell["grade_id"]
                if cell["role"] == "test" and findings.scores.get(name) != expected[name]:
                    found = messages[cell["index"]]
                    differences.append(
                        f"{number} {name}: judge {findings.scores.get(name)}, reference "
                        f"{expected[name]} ({found.error}: {found.message[:300]})"
                    )
            if not texts:
                assert sum(expected.values()) == sum(test.points for test in assignment.tests)
    assert not differences, "\n".join(differences)
