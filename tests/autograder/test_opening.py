"""The verified versions of answers open week by week, in bundles and for lessons."""

import json
import subprocess
import sys

import pytest
from graded_course import NAME, ROOT, make_course
from small_course import WEEK, edit, make_small_course

from autograder.bundle import make_bundle
from autograder.course import load_course
from autograder.errors import CourseError
from autograder.lesson import read_lesson
from autograder.lint import all_rules
from autograder.lint.rules import Context
from autograder.opening import exports, open_modules, opened_files, opened_init

HELPERS = ROOT / "helpers"
OPENS = "[opens_after]\nprobabilities = 0\ninitialisers = 0\nlayers = 1\nlosses = 3\n\n[limits]"
LOOK = """
import helpers.nn as nn, json
print(json.dumps([sorted(nn.__all__), [hasattr(nn, n) for n in nn.__all__], hasattr(nn, "Linear")]))
"""


def weeks_of(tmp_path, *folders):
    for folder in folders:
        (tmp_path / "solutions" / folder).mkdir(parents=True)
    (tmp_path / "helpers" / "nn").mkdir(parents=True)
    for module in ("early", "late"):
        (tmp_path / "helpers" / "nn" / f"{module}.py").touch()
    tables = "".join(f'[[week]]\nfolder = "{f}"\ntitle = "T"\npoints = 1\n' for f in folders)
    text = f'title = "T"\n[opens_after]\nearly = 2\nlate = 3\n{tables}'
    (tmp_path / "course.toml").write_text(text)
    return load_course(tmp_path)


def test_a_module_opens_in_the_week_after_and_stays_open(tmp_path):
    course = weeks_of(tmp_path, "week02_b", "week03_c", "rehearsal", "week04_d", "week11_k", "exam")
    opened = {week.folder: sorted(open_modules(course, week)) for week in course.weeks}
    assert opened == {
        "week02_b": [],
        "week03_c": ["early"],
        "rehearsal": ["early", "late"],
        "week04_d": ["early", "late"],
        "week11_k": ["early", "late"],
        "exam": ["early", "late"],
    }


def test_a_notebook_before_all_weeks_has_nothing_open(tmp_path):
    course = weeks_of(tmp_path, "welcome", "week02_b")
    assert open_modules(course, course.weeks[0]) == frozenset()


def test_every_name_has_a_home():
    homes = exports(HELPERS)
    assert homes["Linear"] == "layers"
    assert homes["softmax"] == "probabilities"
    from helpers import nn

    assert set(homes) == set(nn.__all__)
    assert {(HELPERS / "nn" / f"{module}.py").is_file() for module in homes.values()} == {True}
    assert exports(HELPERS / "checks") == {}


def test_an_open_module_that_needs_a_closed_one_is_an_error():
    assert [f.name for f in opened_files(HELPERS, {"probabilities"})] == [
        "__init__.py",
        "probabilities.py",
    ]
    with pytest.raises(
        CourseError, match=r"nn/losses\.py, line \d+, .* imports probabilities,"
    ) as e:
        opened_files(HELPERS, {"losses"})
    assert "[opens_after]" in e.value.cure


def test_the_rewritten_init_names_what_is_open():
    text = (HELPERS / "nn" / "__init__.py").read_text()
    made = opened_init(text, {"initialisers", "probabilities"})
    assert made.startswith("# What of this package is open by now")
    for closed in ("Linear", "layers import", "Tensor,", "cross_entropy", "SGD"):
        assert closed not in made
    for name in ("he", "xavier", "softmax", "log_sum_exp"):
        assert f"'{name}'" in made
    everything = {p.stem for p in (HELPERS / "nn").glob("[a-z]*.py")}
    namespace: dict = {}
    exec(opened_init(text, everything), namespace)
    from helpers import nn

    assert namespace["__all__"] == nn.__all__


def bundle(tmp_path, source):
    course = make_course(tmp_path / "course")
    edit(course.root / "course.toml", "[limits]", OPENS)
    course = load_course(course.root)
    week = course.weeks[0]
    for path in (week.solution(course), week.student(course)):
        notebook = json.loads(path.read_text())
        notebook["cells"][1]["source"] += f"\n{source}"
        path.write_text(json.dumps(notebook))
    return make_bundle(course, week, tmp_path / "to")


@pytest.mark.parametrize("source", ["from helpers import nn", "from helpers import earlier"])
def test_a_bundle_carries_what_is_open_and_imports(tmp_path, source):
    folder = bundle(tmp_path, source)
    files = sorted(path.name for path in (folder / "helpers" / "nn").iterdir())
    assert files == ["__init__.py", "initialisers.py", "probabilities.py"]
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'){LOOK}"]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == [["he", "log_sum_exp", "softmax", "xavier"], [True] * 4, False]


def test_in_a_bundle_earlier_work_knows_what_is_open(tmp_path):
    folder = bundle(tmp_path, "from helpers import earlier")
    assert (folder / "helpers" / "notebooks.py").is_file()
    code = "; ".join(
        [
            "import sys; sys.path.insert(0, '.')",
            "from helpers import earlier",
            "print(earlier.work('week00_x', 'he').__module__)",
            "earlier.work('week00_x', 'Linear', own=False)",
        ]
    )
    told = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "helpers.nn.initialisers" in told.stdout
    assert "LookupError: `Linear` of week00_x: own=False, and helpers.nn has no ver" in told.stderr


def test_without_need_nothing_of_it_comes_along(tmp_path):
    folder = bundle(tmp_path, "")
    assert (folder / f"{NAME}.ipynb").is_file()
    assert not (folder / "helpers" / "nn").exists()


@pytest.fixture
def two_weeks(tmp_path):
    """The small lesson as week 2, and once more as week 3, with modules that open after week 2."""
    course = make_small_course(tmp_path / "course")
    text = (course.root / "course.toml").read_text()
    week = text[text.index("[[week]]") :].replace(WEEK, "week03_more")
    opens = "[opens_after]\nprobabilities = 2\nlayers = 3\n\n"
    (course.root / "course.toml").write_text(text.replace("[[week]]", f"{opens}[[week]]") + week)
    source = course.weeks[0].source(course)
    folder = course.root / "solutions" / "week03_more"
    folder.mkdir()
    lesson = source.read_text()
    (folder / "more.py").write_text(lesson)
    source.write_text(
        lesson.replace("def centre(", "def softmax(").replace('"centre"', '"softmax"')
    )
    return load_course(course.root)


def findings(course, name):
    week = course.weeks[1]
    context = Context(course, week, read_lesson(week.source(course), week))
    [rule] = [rule for rule in all_rules() if rule.id == name]
    return [finding.what for finding in rule.run(context)]


@pytest.mark.parametrize(
    "use",
    [
        "from helpers.nn import softmax",
        "import helpers.nn.probabilities",
        "from helpers.nn.probabilities import softmax, log_sum_exp",
        "from helpers import nn\nnn.softmax(1)",
        "from torch import nn\nnn.Linear(1)",
        "nn = 3\nnn.Linear",
    ],
)
def test_what_is_open_may_be_used(two_weeks, use):
    edit(two_weeks.weeks[1].source(two_weeks), "import numpy as np", f"import numpy as np\n{use}")
    assert findings(two_weeks, "not-open") == []


@pytest.mark.parametrize(
    ("use", "what"),
    [
        ("from helpers.nn import ReLU", "`ReLU` of helpers.nn opens after week 3"),
        ("from helpers.nn import softmax, ReLU as R", "`ReLU` of helpers.nn opens after week 3"),
        ("from helpers.nn import layers", "`layers` of helpers.nn opens after week 3"),
        ("from helpers.nn.layers import ReLU", "`layers` of helpers.nn opens after week 3"),
        ("import helpers.nn.layers as x", "`layers` of helpers.nn opens after week 3"),
        ("from helpers import nn as n\nn.GELU()", "`GELU` of helpers.nn opens after week 3"),
        ("import helpers.nn\nhelpers.nn.ReLU()", "`ReLU` of helpers.nn opens after week 3"),
        ("from helpers.nn import Tensor", "`Tensor` of helpers.nn is never open"),
        ("from helpers.nn import Slip", "`Slip` of helpers.nn is never open"),
    ],
)
def test_what_is_closed_may_not(two_weeks, use, what):
    edit(two_weeks.weeks[1].source(two_weeks), "import numpy as np", f"import numpy as np\n{use}")
    assert findings(two_weeks, "not-open") == [what]


def test_an_answer_that_lies_open_is_found(two_weeks):
    assert findings(two_weeks, "open-too-early") == []
    source = two_weeks.weeks[1].source(two_weeks)
    text = source.read_text().replace("def centre(", "def softmax(")
    source.write_text(text.replace('"grade_id": "centre"', '"grade_id": "softmax"'))
    [what] = findings(two_weeks, "open-too-early")
    assert what == "`softmax` is there to be read in helpers/nn/probabilities.py"


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (f'earlier.work("{WEEK}", "softmax")', None),
        (f'earlier.work("{WEEK}", "softmax", own=False)', None),
        (f'earlier.work("{WEEK}", "centre")', f"`centre` is no answer of {WEEK}"),
        (f'earlier.work("{WEEK}", "RunningMean")', "no verified `RunningMean` is open by now"),
        ('earlier.work("week03_more", "centre")', "'week03_more' is no earlier week"),
        (f'earlier.work("{WEEK}")', "week and names do not stand there as text"),
        (f'names = ("softmax",)\nearlier.work("{WEEK}", *names, own=False)', None),
        (
            f'names = ("softmax", "no")\nearlier.work("{WEEK}", *names)',
            f"`no` is no answer of {WEEK}",
        ),
        (
            f'names = dir()\nearlier.work("{WEEK}", *names)',
            "week and names do not stand there as text",
        ),
        (f'earlier.work("{WEEK}", *names)', "week and names do not stand there as text"),
    ],
)
def test_earlier_answers_that_do_not_exist_are_found(two_weeks, call, what):
    source = two_weeks.weeks[1].source(two_weeks)
    edit(source, "centred = centre(heights", f"{call}\ncentred = centre(heights")
    assert findings(two_weeks, "earlier-work") == ([what] if what else [])


def test_earlier_answers_in_a_given_cell_are_found(two_weeks):
    source = two_weeks.weeks[1].source(two_weeks)
    edit(source, "heights = np.array(", f'earlier.work("{WEEK}", "softmax")\nheights = np.array(')
    assert findings(two_weeks, "earlier-work") == ["`earlier.work` stands outside of a demo cell"]
