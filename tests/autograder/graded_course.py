"""A small course on disk, quick to grade, and submissions for it."""

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat

from autograder.assignment import prepare_assignment
from autograder.course import Course, load_course
from autograder.gradebook import open_gradebook

ROOT = Path(__file__).parents[2]
WEEK = "week01_small"
NAME = "small"

SYLLABUS = f"""
title = "Small"

[limits]
seconds_per_cell = 4
seconds_per_notebook = 60
memory_mb = 1500
processes = 20
notebook_mb = 2
output_kb = 100

[[week]]
folder = "{WEEK}"
title = "A small week"
points = 8
due = 2027-03-08T23:59:00Z
answers = ["numpy"]
demos = ["numpy", "helpers"]
tests = ["numpy", "helpers"]
needs = ["numpy", "matplotlib"]
"""

HIDDEN_LINES = (
    "secret_numbers = np.arange(12.0).reshape(3, 4) + 0.625",
    "expected_secret = secret_numbers.sum(axis=-1) * 1.0",
)
SOLUTION_LINES = ("doubled_number = 2 * x", "axis_summed_over = -1")


def _graded(grade_id: str, points: int, *, test: bool, written: bool = False) -> str:
    grade, solution, locked = test or written, not test, test
    flags = f'"grade": {grade}, "grade_id": "{grade_id}", "locked": {locked}, '
    if grade:
        flags += f'"points": {points}, '
    flags += f'"schema_version": 3, "solution": {solution}, "task": false'
    return "nbgrader={" + flags.replace("True", "true").replace("False", "false") + "}"


LESSON = f'''# %% [markdown]
# # Week 1 · A small week

# %%
import numpy as np

from helpers import checks, datasets

# %%
my_guess = 3  # never graded

# %% {_graded("double", 0, test=False)}
def double(x):
    """Double a number."""
    ### BEGIN SOLUTION
    doubled_number = 2 * x
    return doubled_number
    ### END SOLUTION

# %% {_graded("test_double_values", 1, test=True)}
checks.close(double(1.5), 3.0, "twice 1.5 is 3")

# %% {_graded("test_double_arrays", 2, test=True)}
checks.close(double(np.array([1.0, 2.0])), [2.0, 4.0], "an array is doubled")
### BEGIN HIDDEN TESTS
secret_array = np.array([0.625, -7.0])
checks.close(double(secret_array), [1.25, -14.0], "another array is doubled")
### END HIDDEN TESTS

# %% {_graded("total", 0, test=False)}
def total(x):
    """Sum over the last axis."""
    ### BEGIN SOLUTION
    axis_summed_over = -1
    return x.sum(axis=axis_summed_over)
    ### END SOLUTION

# %% {_graded("test_total_rows", 1, test=True)}
checks.close(total(np.ones((2, 3))), [3.0, 3.0], "each row has its own sum")

# %% {_graded("test_total_random", 2, test=True)}
checks.shape(total(np.ones((4, 3, 2))), (4, 3))
### BEGIN HIDDEN TESTS
{HIDDEN_LINES[0]}
{HIDDEN_LINES[1]}
checks.close(total(secret_numbers.copy()), expected_secret, "numbers that you do not see")
### END HIDDEN TESTS

# %% tags=["demo"]
print("a demonstration of", len(datasets.iris().labels), "flowers")

# %% [markdown] {_graded("why_double", 2, test=False, written=True)}
# ### BEGIN SOLUTION
# Because adding a number to itself doubles it, the model answer says.
# ### END SOLUTION
'''


def make_course(root: Path, *, gradebook: bool = False) -> Course:
    """Write the course, its solution notebook (not executed) and the student's notebook.

    Args:
        root: an empty folder.
        gradebook: whether nbgrader's gradebook is there already, with the week in it.

    Returns:
        The course.
    """
    shutil.copytree(_template(), root, symlinks=True, dirs_exist_ok=True)
    course = load_course(root)
    if not gradebook:
        shutil.rmtree(course.private)
    return course


@functools.cache
def _template() -> Path:
    root = Path(tempfile.mkdtemp(prefix="small-course-"))
    atexit.register(shutil.rmtree, root)
    folder = root / "solutions" / WEEK
    folder.mkdir(parents=True)
    (root / "course.toml").write_text(SYLLABUS)
    (folder / f"{NAME}.py").write_text(LESSON)
    for shared in ("helpers", "data"):
        (root / shared).symlink_to(ROOT / shared)
    for shared in ("nbgrader_config.py", "requirements.lock"):
        shutil.copyfile(ROOT / shared, root / shared)
    notebook = jupytext.reads(LESSON, fmt="py:percent")
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata.pop("jupytext", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"given-{index}"
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    course = load_course(root)
    week = course.weeks[0]
    with prepare_assignment(course, week) as assignment:
        week.student(course).parent.mkdir(parents=True)
        nbformat.write(nbformat.from_dict(assignment.notebook), week.student(course))
        with open_gradebook(course, assignment):
            pass
    return root


RIGHT = {
    "double": "def double(x):\n    return x + x",
    "total": "def total(x):\n    return np.sum(x, axis=-1)",
    "why_double": "Because x + x is 2x.",
}
POINTS_RIGHT = 6.0


def submitted_notebook(course: Course, answers: dict[str, str]) -> dict:
    """Give the student's notebook, as JSON, with some answers filled in."""
    notebook = json.loads(course.weeks[0].student(course).read_text())
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = answers[grade_id]
    return notebook


def hand_in(course: Course, student: str, answers: dict[str, str], **options) -> Path:
    """Hand in the student's notebook with some answers; `change` edits it before."""
    change: Callable[[dict], None] | None = options.get("change")
    notebook = submitted_notebook(course, answers)
    if change:
        change(notebook)
    folder = course.private / "submitted" / student / WEEK
    folder.mkdir(parents=True)
    path = folder / options.get("name", f"{NAME}.ipynb")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def find_cell(notebook: dict, grade_id: str) -> dict:
    """Find the cell of a notebook with this id."""
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )
