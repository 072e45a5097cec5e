"""Every rule of the contract: a good lesson has no finding, and a bad one is caught."""

# ruff: noqa: E501 - the cases quote whole lines of a lesson

import json
import shutil
import time

import pytest
from small_course import ROOT, WEEK, edit, make_small_course
from typer.testing import CliRunner

from autograder.build import build_week
from autograder.cli import build_app
from autograder.course import load_course
from autograder.lesson import read_lesson
from autograder.lint import all_rules, lint_week
from autograder.lint.rules import Context

# rule, text of the small lesson, what stands there instead
BAD_LESSONS = [
    ("header", "#     language: python", "#     language: python3"),
    ("front-title", "# # Week 2 · Scores", "# # Week 3 · Scores"),
    ("front-title", "# # Week 2 · Scores", "# # Scores"),
    ("front-sentence", "# A mean is the first thing that one takes away from data, and the first thing that goes wrong.", "# Means."),
    ("front-outcomes", "# | After this you can | outcome |", "# | Goals | outcome |"),
    ("front-outcomes", "table | LO2 |", "table | LO7 |"),
    ("front-line", "**Time** about 180 minutes,", "**Time** 3 hours,"),
    ("front-line", " · **Before this** arrays (week 0)", ""),
    ("front-points", "**Points** 9", "**Points** 10"),
    ("minutes-range", "about 180 minutes, 130 of", "about 170 minutes, 120 of"),
    ("minutes-sum", "130 of them reading", "120 of them reading"),
    ("minutes-sum", "*About 20 minutes · 2 points.*", "*About 25 minutes · 2 points.*"),
    ("hints", "<summary>Hint: a single column does not work", "<summary>A column does not work"),
    ("fold-out", "# A mean that keeps its axis lines up with the table.\n# </details>", "#"),
    ("prediction", "my_guess = 1.0  # your number; it is never graded", "guess = 1.0"),
    ("prediction-shown", "your guess {my_guess}, measured", "measured"),
    ("after-plot", "**What you should see.** The line", "The line"),
    ("bug-clinic", "**Bug clinic.** For each of these", "For each of these"),
    ("bug-clinic", "  2. `table - table.mean(axis=1, keepdims=True)`", ""),
    ("bug-clinic", "# <details><summary>Answers</summary>\n#\n# Two", "# Two"),
    ("further-reading", "N. Buduma, N. Locascio", "N. Locascio"),
    ("further-reading", "**Further reading.**", "Also good:"),
    ("further-reading", "MIT Press 2016", "MIT Press"),
    ("closing", "## What you can do now", "## The end"),
    ("closing", "misleads (LO4, LO5)", "misleads"),
    ("closing", "misleads (LO4, LO5)", "misleads (LO4)"),
    ("points-sum", '"test_centre_values", "locked": true, "points": 1', '"test_centre_values", "locked": true, "points": 2'),
    ("exercise-heading", "## 1 · Your turn: `centre`", "## 1 · Centring"),
    ("exercise-line", "*About 20 minutes · 3 points.*", "*20 minutes, 3 points.*"),
    ("exercise-line", "*About 20 minutes · 3 points.*", "*About 20 minutes · 4 points.*"),
    ("answer-one-definition", "def centre(table):", "def center(table):"),
    ("answer-one-definition", "def centre(table):", "def other():\n    pass\n\n\ndef centre(table):"),
    ("answer-docstring", "    Returns:\n        Array of shape (N, D), every", "    Every"),
    ("answer-docstring", "        Args:\n            number: a float.\n", ""),
    ("answer-docstring", '    """The mean of the numbers so far."""\n', ""),
    ("answer-tested", '"test_RunningMean_update"', '"test_Mean_update"'),
    ("answer-tested", '# %% nbgrader={"grade": true, "grade_id": "test_centre_values"', '# %%\nx = 1\n\n# %% nbgrader={"grade": true, "grade_id": "test_centre_values"'),
    ("test-name", '"test_centre_values"', '"test_center_values"'),
    ("test-name", '"test_centre_values"', '"test_RunningMean_values"'),
    ("test-visible", 'checks.shape(centre(np.ones((4, 3))), (4, 3), "the shape stays")\n', ""),
    ("test-hidden", 'checks.close(last, expected, "nine random numbers")\n', ""),
    ("points-test", '"test_centre_shapes", "locked": true, "points": 2', '"test_centre_shapes", "locked": true, "points": 0.5'),
    ("points-split", '"test_RunningMean_update", "locked": true, "points": 2', '"test_RunningMean_update", "locked": true, "points": 3'),
    ("written-count", '"grade_id": "why_no_sum", "locked": false, "points": 2, "schema_version": 3, "solution": true', '"grade_id": "why_no_sum", "locked": false, "schema_version": 3, "solution": false'),
    ("written-line", "*About 5 minutes · 2 points, graded by hand.* Why", "Why"),
    ("written-line", "2 points, graded by hand.* Why", "3 points, graded by hand.* Why"),
    ("written-rubric", "# *Rubric.* 1 point for growth, 1 point for rounding.\n", ""),
    ("written-rubric", "# A sum of many numbers grows, and the small ones that are added to it are rounded away.\n", ""),
    ("ids-unique", '"why_no_sum"', '"when_means_mislead"'),
    ("ids-speak", '"why_no_sum"', '"cell-0a1b2c3d"'),
    ("ids-speak", '"why_no_sum"', '"why no sum"'),
    ("nbgrader-metadata", '"test_centre_values", "locked": true', '"test_centre_values", "locked": false'),
    ("nbgrader-metadata", '"grade_id": "why_no_sum", "locked": false, "points": 2, "schema_version": 3', '"grade_id": "why_no_sum", "locked": false, "points": 2'),
    ("nbgrader-metadata", '# %% tags=["demo"]', '# %% tags=["demo"] nbgrader={"grade": false, "grade_id": "a_b", "locked": true, "schema_version": 3, "solution": false, "task": false}'),
    ("tags", '# %% tags=["demo"]', '# %% tags=["demo", "raises-exception"]'),
    ("tags", '# %% tags=["demo"]', '# %% tags=["demo", "in-place"]'),
    ("solution-region", "    return table - means\n    ### END SOLUTION", "    return table - means"),
    ("solution-region", "    ### BEGIN SOLUTION\n    means", "    means"),
    ("solution-region", "        self.mean = 0.0\n        ### END SOLUTION", "        self.mean = 0.0"),
    ("solution-region", "heights = np.array([1.5, 2.5, 3.5])", "### BEGIN SOLUTION\nheights = 1\n### END SOLUTION"),
    ("solution-region", "### BEGIN SOLUTION\n    means = table.mean(axis=0, keepdims=True)\n    return table - means", "means = table.mean(axis=0, keepdims=True)\n    return table - means\n    ### BEGIN SOLUTION"),
    ("stub-runs", "    means = table.mean(axis=0, keepdims=True)\n    return table - means\n    ### END SOLUTION", "    if True:\n        ### END SOLUTION\n        pass\n    else:\n        pass\n    return table - table.mean(axis=0)"),
    ("hidden-region", 'checks.close(centre(table.copy()), expected, "random columns")\n### END HIDDEN TESTS', 'checks.close(centre(table.copy()), expected, "random columns")'),
    ("hidden-region", '"random columns")\n### END HIDDEN TESTS', '"random columns")\n### END HIDDEN TESTS\nx = 1'),
    ("hidden-region", "heights = np.array([1.5, 2.5, 3.5])", "### BEGIN HIDDEN TESTS\nheights = 1\n### END HIDDEN TESTS"),
    ("test-compare", "checks.unchanged(centre, np.ones((2, 3)))", "assert centre(np.ones((2, 3))).shape == (2, 3)"),
    ("test-compare", "checks.unchanged(centre, np.ones((2, 3)))", "np.testing.assert_allclose(centre(np.ones((2, 3))), 0)"),
    ("test-compare", "checks.unchanged(centre, np.ones((2, 3)))", "if centre(np.ones((2, 3))).sum():\n    raise ValueError('no')"),
    ("test-comparison", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true(np.allclose(centre(np.ones((2, 3))), 0), 'zero')"),
    ("test-comparison", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true((centre(np.ones((2, 3))) == 0).all(), 'zero')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true(eval('centre') is not None, 'there')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true('centre' in globals(), 'there')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true(bool(vars(centre)), 'there')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true(centre.__code__.co_argcount == 1, 'one')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "checks.equal(centre(np.ones((2, 3))).__class__.__name__, 'ndarray', 'x')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "checks.true(type(centre(np.ones((2, 3)))) is np.ndarray, 'x')"),
    ("test-forbidden", "checks.unchanged(centre, np.ones((2, 3)))", "from unittest import mock\n\nchecks.true(True, 'x')"),
    ("expected-nested", "[[-1.0, -2.0], [1.0, 2.0]], ", "centre(np.array([[2.0, 3.0], [4.0, 7.0]])), "),
    ("expected-first", "expected = table - table.sum(axis=0) / 7\nchecks.close(centre(table.copy()), expected,", "result = centre(table)\nexpected = table - table.sum(axis=0) / 7\nchecks.close(result, expected,"),
    ("expected-first", "checks.close(centre(table.copy()), expected,", "checks.close(centre(table), table - table.mean(axis=0),"),
    ("in-place", "checks.close(centre(table.copy()), expected,", "centre(table)\nchecks.close(table, expected,"),
    ("test-names", "centre(np.array([[1.0, 2.0], [3.0, 6.0]]))", "centre(centred)"),
    ("test-names", "last = running.update(number)", "last = running.update(number + table[0, 0])"),
    ("test-names", "last = running.update(number)", "last = running.update(number + offset)"),
    ("answer-names", "means = table.mean(axis=0, keepdims=True)", "means = centred.mean()"),
    ("given-names", "my_guess = 1.0  # your number; it is never graded", "my_guess = centre(heights)"),
    ("given-names", "heights = np.array([1.5, 2.5, 3.5])", "heights = centred"),
    ("rebinding", "centred = centre(heights[:, None])[:, 0]", "np = None\ncentred = heights"),
    ("rebinding", "centred = centre(heights[:, None])[:, 0]", "centred = RunningMean = heights"),
    ("test-own-random", "heights = np.array([1.5, 2.5, 3.5])\n", "heights = np.array([1.5, 2.5, 3.5])\nrng = np.random.default_rng(1)\n", ("table = np.random.default_rng(3)", "table = rng")),
    ("answer-imports", "means = table.mean(axis=0, keepdims=True)", "import math\n\n    means = table.mean(axis=0, keepdims=True)"),
    ("answer-imports", "means = table.mean(axis=0, keepdims=True)", "means = checks"),
    ("demo-imports", "import numpy as np", "import numpy as np\nimport torch"),
    ("test-imports", "table = np.random.default_rng(3)", "import torch\n\ntable = np.random.default_rng(3)"),
    ("test-imports", "checks.unchanged(centre, np.ones((2, 3)))", "import sklearn\n\nchecks.unchanged(centre, np.ones((2, 3)))"),
    ("network", "import numpy as np", "import urllib.request\n\nimport numpy as np"),
    ("network", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.loadtxt('https://example.org/heights')"),
    ("network", "heights = np.array([1.5, 2.5, 3.5])", "heights = dict(download=True)"),
    ("network", "# *Commit first:*", "# ![a picture of heights](https://example.org/a.png) *Commit first:*"),
    ("not-open", "import numpy as np", "import numpy as np\n\nfrom helpers.nn import Linear"),
    ("not-open", "import numpy as np", "import numpy as np\n\nfrom helpers.nn.layers import Linear"),
    ("not-open", "import numpy as np", "import numpy as np\n\nimport helpers.nn.engine"),
    ("not-open", "import numpy as np", "import numpy as np\n\nfrom helpers import nn", ("centred = centre(heights", "centred = nn.softmax(heights")),
    ("not-open", "checks.unchanged(centre, np.ones((2, 3)))", "import helpers.nn as reference\n\nchecks.unchanged(reference.softmax, np.ones((2, 3)))"),
    ("earlier-work", "centred = centre(heights", "centred = earlier.work('week01_lines', 'fit')(heights"),
    ("earlier-work", "centred = centre(heights", f"centred = earlier.work('{WEEK}', 'centre')(heights"),
    ("earlier-work", "centred = centre(heights", "centred = earlier.work(week, 'centre')(heights"),
    ("earlier-work", "heights = np.array([1.5, 2.5, 3.5])", "heights = earlier.work('week01_lines', 'fit')"),
    ("cell-length", "heights = np.array([1.5, 2.5, 3.5])", "heights = [\n" + "    1.0,\n" * 40 + "]"),
    ("line-length", "Subtract from every column its mean.", "Subtract " + "from every column its mean " * 4),
    ("line-length", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.array([" + "1.5, " * 20 + "])"),
    ("absolute-path", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.load('/srv/me/heights.npy')"),
    ("absolute-path", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.load('C:\\\\heights.npy')"),
    ("magic", "plots.use_course_style()", "# %matplotlib inline\nplots.use_course_style()"),
    ("leftover", "means = table.mean(axis=0, keepdims=True)", "means = table.mean(axis=0, keepdims=True)\n    print(means)"),
    ("leftover", "heights = np.array([1.5, 2.5, 3.5])", "breakpoint()"),
    ("leftover", "The line keeps its form;", "TODO The line keeps its form;"),
    ("commented-code", "heights = np.array([1.5, 2.5, 3.5])", "# heights = np.array([1.0])\nheights = np.array([1.5])"),
    ("commented-code", "heights = np.array([1.5, 2.5, 3.5])", "# print(heights)\nheights = np.array([1.5])"),
    ("seeded", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.random.default_rng().normal(size=3)"),
    ("seeded", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.random.rand(3)"),
    ("figure-shown", "plots.show(figure, alt=", "plt.show(figure, alt="),
    ("figure-shown", 'axes.legend()\nplots.show(figure, alt="Three heights before and after centring: the same line, moved down.")', "axes.legend()"),
    ("alt-text", ', alt="Three heights before and after centring: the same line, moved down."', ""),
    ("alt-text", '"Three heights before and after centring: the same line, moved down."', '"A figure."'),
    ("alt-text", "# *Commit first:*", "# ![](heights.png) *Commit first:*"),
    ("figure-demo", '# %% tags=["demo"]', "# %%"),
    ("built-present", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.array([1.5, 2.5])"),
    ("built-present", "heights = np.array([1.5, 2.5, 3.5])", "heights = np.array([1.5])\n\n# %%\nx = 1"),
]  # fmt: skip

# rule, file below the course, what is done to its text
BAD_FILES = [
    ("built-present", f"notebooks/{WEEK}/scores.ipynb", lambda text: "{"),
    ("built-outputs", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace('"execution_count": 2', '"execution_count": null')),
    ("built-outputs", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace("image/png", "text/html")),
    ("built-outputs", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace('"alt":', '"title":')),
    ("built-errors", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace('"output_type": "stream"', '"output_type": "error", "ename": "E"')),
    ("built-errors", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace('"name": "stdout"', '"name": "stderr"').replace("your guess", "UserWarning")),
    ("built-private", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace("your guess", "<A at 0x7f3a12bc> your guess")),
    ("built-private", f"solutions/{WEEK}/scores.ipynb", lambda t: t.replace("your guess", "/home/" + "me/course your guess")),
    ("built-size", f"solutions/{WEEK}/scores.ipynb", lambda t: t + " " * 1_500_000),
    ("student-leak", f"notebooks/{WEEK}/scores.ipynb", lambda t: t.replace("Your answer here.", "means = table.mean(axis=0,keepdims=True) return table-means")),
    ("student-leak", f"notebooks/{WEEK}/scores.ipynb", lambda t: t.replace("Your answer here.", "### END SOLUTION")),
    ("student-leak", f"notebooks/{WEEK}/scores.ipynb", lambda t: t.replace('"outputs": []', '"outputs": [{}]')),
    ("student-stub", f"notebooks/{WEEK}/scores.ipynb", lambda t: t.replace("`centre` is not written yet", "no")),
    ("mistakes-file", f"tests/mutants/{WEEK}.toml", lambda t: t + "["),
    ("mistakes-file", f"tests/mutants/{WEEK}.toml", lambda t: t.replace('name = "the sign"', "", 1)),
    ("mistakes-file", f"tests/mutants/{WEEK}.toml", lambda t: t.replace('"centre"', '"center"', 1)),
    ("mistakes-file", f"tests/mutants/{WEEK}.toml", lambda t: t.replace('"a sum"', '"the sign"', 1)),
    ("mistakes-file", f"tests/mutants/{WEEK}.toml", lambda t: t.replace("[[mistake]]", "[[mistakes]]", 1)),
    ("mistakes-count", f"tests/mutants/{WEEK}.toml", lambda t: t[: t.rindex("[[mistake]]")]),
    ("mistakes-apply", f"tests/mutants/{WEEK}.toml", lambda t: t.replace('find = "table.mean"', 'find = "table"', 1)),
    ("mistakes-apply", f"tests/mutants/{WEEK}.toml", lambda t: t.replace('find = "table.mean"', 'find = "nothing"', 1)),
    ("alternatives-valid", f"tests/alternatives/{WEEK}/centre.sum.py", lambda t: t.split("\n", 1)[1]),
    ("alternatives-valid", f"tests/alternatives/{WEEK}/centre.sum.py", lambda t: t + "("),
    ("alternatives-valid", f"tests/alternatives/{WEEK}/centre.sum.py", lambda t: t.replace("centre", "center")),
    ("helper-names", f"tests/alternatives/{WEEK}/centre.sum.py", lambda t: t + "\n\ndef table(x):\n    return x\n"),
    ("helper-names", f"tests/alternatives/{WEEK}/centre.sum.py", lambda t: t + "\n\ncentred = 1\n"),
]  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The small course, built."""
    course = make_small_course(tmp_path_factory.mktemp("lint") / "course")
    build_week(course, course.weeks[0])
    return course


@pytest.fixture
def course(good, tmp_path):
    """A copy of it, to be spoilt."""
    shutil.copytree(good.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def findings(course, name):
    week = course.weeks[0]
    context = Context(course, week, read_lesson(week.source(course), week))
    [rule] = [rule for rule in all_rules() if rule.id == name]
    return list(rule.run(context))


def test_a_good_lesson_has_no_finding(good):
    assert lint_week(good, good.weeks[0]) == []


@pytest.mark.parametrize(
    "case", BAD_LESSONS, ids=[f"{case[0]}-{n}" for n, case in enumerate(BAD_LESSONS)]
)
def test_a_bad_lesson_is_caught(course, case):
    name, old, new, *more = case
    source = course.weeks[0].source(course)
    assert findings(course, name) == []
    edit(source, old, new)
    for pair in more:
        edit(source, *pair)
    found = findings(course, name)
    assert found
    for finding in found:
        assert finding.rule == name
        assert finding.what
        assert finding.cure
        assert (course.root / finding.file).is_file()


@pytest.mark.parametrize(
    "case", BAD_FILES, ids=[f"{case[0]}-{n}" for n, case in enumerate(BAD_FILES)]
)
def test_a_bad_file_is_caught(course, case):
    name, file, change = case
    path = course.root / file
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before
    found = findings(course, name)
    assert found
    assert all(finding.cure for finding in found)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("built-present", f"notebooks/{WEEK}/scores.ipynb"),
        ("mistakes-file", f"tests/mutants/{WEEK}.toml"),
        ("alternatives-count", f"tests/alternatives/{WEEK}/centre.sum.py"),
    ],
)
def test_a_missing_file_is_caught(course, name, file):
    (course.root / file).unlink()
    assert findings(course, name)


OPTIONAL = """# *Optional · about 10 minutes · no points.* The mean of each column.


# %% tags=["demo"] nbgrader={"grade": false, "grade_id": "column_means", "locked": false, "schema_version": 3, "solution": true, "task": false}
def column_means(table):
    \"\"\"Give each column's mean.\"\"\"
    ### BEGIN SOLUTION
    total = table.sum(axis=0)
    return total / len(table)
    ### END SOLUTION


# %% tags=["demo"]
print(column_means(heights[:, None]))

# %% [markdown]
# ## What you can do now"""
BAD_OPTIONAL = [
    ("optional-line", "*Optional · about 10 minutes · no points.*", "*About 10 minutes.*"),
    ("optional-line", '"test_RunningMean_update"', '"test_column_means_values"'),
    ("ids-speak", '"column_means"', '"column means"'),
    ("nbgrader-metadata", '"grade_id": "column_means", "locked": false', '"grade_id": "column_means", "locked": true'),
    ("solution-region", "    return total / len(table)\n    ### END SOLUTION", "    return total / len(table)"),
    ("solution-region", "    ### BEGIN SOLUTION\n    total = table.sum(axis=0)\n    return total / len(table)\n    ### END SOLUTION", "    return table"),
    ("stub-runs", "    return total / len(table)\n    ### END SOLUTION", "    if True:\n        ### END SOLUTION\n        pass\n    else:\n        pass\n    return total"),
]  # fmt: skip


@pytest.fixture(scope="module")
def optional(good, tmp_path_factory):
    """The small course with an exercise that nobody grades."""
    folder = tmp_path_factory.mktemp("optional") / "course"
    shutil.copytree(good.root, folder)
    made = load_course(folder)
    edit(made.weeks[0].source(made), "# ## What you can do now", OPTIONAL)
    build_week(made, made.weeks[0])
    return made


def test_an_answer_tagged_demo_is_written_by_the_student_and_not_graded(optional):
    week = optional.weeks[0]
    assert lint_week(optional, week) == []
    lesson = read_lesson(week.source(optional), week)
    assert [cell.grade_id for cell in lesson.cells if cell.is_optional] == ["column_means"]
    assert "column_means" not in [exercise.name for exercise in lesson.exercises]
    student = week.student(optional).read_text()
    assert "`column_means` is not written yet" in student
    assert "table.sum(axis=0)" not in student


@pytest.mark.parametrize("case", BAD_OPTIONAL, ids=lambda case: case[0])
def test_a_bad_optional_answer_is_caught(optional, tmp_path, case):
    name, old, new = case
    shutil.copytree(optional.root, tmp_path / "course")
    spoilt = load_course(tmp_path / "course")
    edit(spoilt.weeks[0].source(spoilt), old, new)
    assert findings(spoilt, name)


@pytest.mark.parametrize("file", ["student-leak", "student-stub"])
def test_a_leak_of_an_optional_answer_is_caught(optional, tmp_path, file):
    shutil.copytree(optional.root, tmp_path / "course")
    spoilt = load_course(tmp_path / "course")
    stub = 'raise NotImplementedError(\\"`column_means` is not written yet\\")'
    solved = "total = table.sum(axis=0)\\nreturn total / len(table)"
    edit(spoilt.weeks[0].student(spoilt), stub, solved)
    assert findings(spoilt, file)


def test_an_alternative_of_no_exercise_is_caught(course):
    folder = course.root / "tests" / "alternatives" / WEEK
    (folder / "centre.sum.py").rename(folder / "center.sum.py")
    assert "not EXERCISE.LABEL.py" in findings(course, "alternatives-valid")[0].what


def test_a_test_may_use_the_private_helper_of_an_answer(course):
    source = course.weeks[0].source(course)
    edit(source, "def centre(", "def _pair():\n    return np.ones((2, 3))\n\n\ndef centre(")
    edit(source, "checks.unchanged(centre, np.ones((2, 3)))", "checks.unchanged(centre, _pair())")
    assert findings(course, "test-names") == []


def test_every_rule_has_a_bad_lesson():
    shown = {case[0] for case in (*BAD_LESSONS, *BAD_FILES, *BAD_OPTIONAL)}
    shown |= {"alternatives-count", "withheld", "open-too-early"}  # the last in test_opening.py
    rules = [rule.id for rule in all_rules()]
    assert len(rules) == len(set(rules))
    assert shown == set(rules)
    assert all(rule.meaning.endswith(".") and rule.cure.endswith(".") for rule in all_rules())


def test_a_finding_has_line_and_cell(course):
    source = course.weeks[0].source(course)
    edit(source, "means = table.mean(axis=0", "means = centred.mean(axis=0")
    [finding] = findings(course, "answer-names")
    line = source.read_text().splitlines()[finding.line - 1]
    assert "centred.mean" in line
    assert finding.cell == "cell 4 (centre)"
    assert finding.what == "it uses `centred` of the later demonstration cell 10"


def test_a_source_that_cannot_be_read_is_one_finding(course):
    edit(course.weeks[0].source(course), "def centre(table):", "def centre(table:")
    [finding] = lint_week(course, course.weeks[0])
    assert finding.rule == "readable"
    assert "cell 4 (centre)" in finding.what


def test_an_empty_lesson_is_one_finding(course):
    course.weeks[0].source(course).write_text("")
    [finding] = lint_week(course, course.weeks[0])
    assert finding.what == "it has no cells"


@pytest.mark.parametrize(
    ("names", "whats"),
    [
        (
            '"numpy.no_such", "no_such.f"',
            ["`numpy.no_such` is not", "`no_such.f` is not there (No"],
        ),
        ('"numpy.linalg.norm", "numpy.std"', []),
        ('"numpy.mean"', ["it uses `table.mean`"]),
    ],
)
def test_what_a_week_withholds_is_there_and_not_in_its_solution(course, names, whats):
    assert findings(course, "withheld") == []
    edit(course.root / "course.toml", "points = 9", f"points = 9\nwithheld = [{names}]")
    found = findings(load_course(course.root), "withheld")
    assert [what in finding.what for finding, what in zip(found, whats, strict=True)] == [
        True for _ in whats
    ]


HARMLESS = [
    "scores = centre(np.ones((3, 2)))\nchecks.shape(scores, scores.shape, 'x')",
    "x = np.ones((3, 2))\nchecks.close(centre(x), np.zeros(x.shape), 'x')",
    "x = np.ones((3, 2))\nchecks.unchanged(centre, x)\nchecks.close(x, 1, 'x')",
    "x = np.ones((3, 2))\ncentre(x)\nx = np.zeros(2)\nchecks.close(x, 0, 'x')",
    "x = np.ones((3, 2))\nchecks.close(centre(x), 0, 'x')\nchecks.close(centre(2 * x), 0, 'x')",
    "n = 3.0\nchecks.close(RunningMean().update(n), n, 'x')",
    "for n in (1, 2):\n    checks.close(RunningMean().update(n), n, 'x')",
    "x, y = np.ones(3), 2\nexpected = x * y\nchecks.close(centre(x), expected, 'x')",
    "x = np.ones(3)\nchecks.raises(ValueError, centre, x)\nchecks.close(x, 1, 'x')",
    "x = np.ones(3)\nchecks.close(centre(x.copy()), x - x.mean(), 'x')",
]


@pytest.mark.parametrize("test", HARMLESS)
def test_no_false_alarm_about_arguments(course, test):
    edit(course.weeks[0].source(course), "checks.unchanged(centre, np.ones((2, 3)))", test)
    for name in ("expected-first", "in-place", "test-comparison", "expected-nested"):
        assert findings(course, name) == []


def test_the_in_place_tag_lets_a_test_look_at_its_argument(course):
    source = course.weeks[0].source(course)
    edit(
        source,
        "checks.unchanged(centre, np.ones((2, 3)))",
        "x = np.ones(3)\ncentre(x)\nchecks.close(x, 0, 'x')",
    )
    assert findings(course, "in-place")
    edit(
        source,
        '# %% nbgrader={"grade": true, "grade_id": "test_centre_values"',
        '# %% tags=["in-place"] nbgrader={"grade": true, "grade_id": "test_centre_values"',
    )
    assert findings(course, "in-place") == []
    assert findings(course, "tags") == []


@pytest.mark.parametrize(
    "comment", ["# shape (N, D)", "# w: the weights", "# see Bishop (2006)", "# = 3", "# T = 5"]
)
def test_prose_in_comments_is_no_code(course, comment):
    edit(course.weeks[0].source(course), "heights = np", f"{comment}\nheights = np")
    assert findings(course, "commented-code") == []


def test_the_command(course, monkeypatch):
    monkeypatch.chdir(course.root)
    app = build_app()
    done = CliRunner().invoke(app, ["lint"])
    assert (done.exit_code, done.stdout) == (0, "1 week: all holds.\n")
    edit(course.weeks[0].source(course), "**Points** 9", "**Points** 8")
    done = CliRunner().invoke(app, ["lint", "2", "--json"])
    assert done.exit_code == 1
    [finding] = json.loads(done.stdout)[WEEK]
    assert finding["rule"] == "front-points"
    done = CliRunner().invoke(app, ["lint"])
    assert f"solutions/{WEEK}/scores.py:{finding['line']}, cell 1: it says 8 points" in done.stdout
    assert "front-points: Let the line say" in done.stdout
    assert done.stdout.endswith("1 finding in 1 week.\n")
    done = CliRunner().invoke(app, ["lint", "--rules"])
    assert done.exit_code == 0
    assert "points-sum" in done.stdout


def test_a_week_is_linted_in_three_seconds():
    course = load_course(ROOT)
    lint_week(course, course.weeks[0])  # imports
    for week in course.weeks:
        start = time.process_time()
        lint_week(course, week)
        assert time.process_time() - start < 3
