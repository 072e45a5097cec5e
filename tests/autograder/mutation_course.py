"""A small course with two answers, and how to spoil it."""

from pathlib import Path

COURSE = """
title = "Two answers"
private = "private"

[[week]]
folder = "week01_small"
title = "Small"
points = 4
answers = ["numpy"]
demos = ["numpy"]
tests = ["numpy", "helpers"]
"""

HEADER = """
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""


def graded(name: str, points: int) -> str:
    return (
        f'# %% nbgrader={{"grade": true, "grade_id": "{name}", "locked": true, "points": {points}, '
        '"schema_version": 3, "solution": false, "task": false}'
    )


def answer(name: str) -> str:
    return (
        f'# %% nbgrader={{"grade": false, "grade_id": "{name}", "locked": false, '
        '"schema_version": 3, "solution": true, "task": false}'
    )


LESSON = f"""{HEADER}
# %% [markdown]
# # Small

# %%
import numpy as np

from helpers import checks

START = 5

# %% tags=["demo"]
raise RuntimeError("a demo is not run")

# %% [markdown]
# *About 5 minutes.*

{answer("shares")}
def shares(x):
    \"\"\"Give each number's share of the sum.\"\"\"
    ### BEGIN SOLUTION
    return x / x.sum()
    ### END SOLUTION

{graded("test_shares_values", 1)}
expected = np.array([0.25, 0.75])
checks.close(shares(np.array([1.0, 3.0])), expected, "one and three")
### BEGIN HIDDEN TESTS
import fractions

checks.close(shares(np.array([1.0, 7.0])), [0.125, 0.875], "one and seven")
### END HIDDEN TESTS

{graded("test_shares_again", 1)}
assert fractions.Fraction(1, 2) == 0.5  # imported by the hidden test above
checks.unchanged(shares, np.array([1.0, 3.0]))

{answer("count_down")}
def count_down(n):
    \"\"\"Count from START + n to START.\"\"\"
    ### BEGIN SOLUTION
    return [START + k for k in range(n, -1, -1)]
    ### END SOLUTION

{graded("test_count_down_values", 2)}
checks.equal(count_down(2), [7, 6, 5], "three numbers")
### BEGIN HIDDEN TESTS
checks.equal(count_down(-1), [], "none")
### END HIDDEN TESTS
"""


def make_course(folder: Path) -> Path:
    lesson = folder / "solutions" / "week01_small"
    lesson.mkdir(parents=True)
    (lesson / "small.py").write_text(LESSON)
    (folder / "course.toml").write_text(COURSE)
    (folder / "tests" / "mutants").mkdir(parents=True)
    (folder / "tests" / "alternatives" / "week01_small").mkdir(parents=True)
    return folder


def write_planted(folder, text: str) -> None:
    (folder / "tests" / "mutants" / "week01_small.toml").write_text(text)


def write_alternative(folder, name: str, text: str) -> None:
    (folder / "tests" / "alternatives" / "week01_small" / name).write_text(text)


def change_lesson(folder, old: str, new: str) -> None:
    assert LESSON.count(old) == 1
    path = folder / "solutions" / "week01_small" / "small.py"
    path.write_text(LESSON.replace(old, new))


def mistake(name: str, replace: str, find: str = "return x / x.sum()") -> str:
    return (
        f'[[mistake]]\nexercise = "shares"\nname = "{name}"\n'
        f"find = '''{find}'''\nreplace = '''{replace}'''\n"
    )


EQUIVALENT = """
[[equivalent]]
exercise = "count_down"
find = "return [START + k for k in range(n, -1, -1)]"
replace = "return [START {} k for k in range(n, -1, -1)]"
reason = "for the sake of the test"
"""
