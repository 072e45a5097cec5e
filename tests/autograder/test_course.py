import os
from datetime import UTC, datetime

import pytest

from autograder.course import find_root, load_course
from autograder.errors import CourseError
from autograder.locate import key_lines, line_of

GOOD = """\
title = "Deep Learning"
private = "private"

[limits]
seconds_per_cell = 5

[opens_after]
layers = 3

[[week]]
folder = "week00_arrays"
title = "Arrays"
points = 20
due = 2027-03-08T23:59:00Z
answers = ["numpy"]

[[week]]
folder = "week01_lines"
title = "Lines"
points = 12.5

[[week]]
folder = "final_exam"
title = "Rehearsal"
points = 10
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "course.toml").write_text(GOOD)
    for name in ("week00_arrays", "week01_lines", "final_exam"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
    (tmp_path / "helpers" / "nn").mkdir(parents=True)
    for name in ("__init__", "layers", "losses"):
        (tmp_path / "helpers" / "nn" / f"{name}.py").touch()
    return tmp_path


def test_course_is_read(folder):
    course = load_course(folder)
    assert course.title == "Deep Learning"
    assert course.private == folder / "private"
    assert course.limits.seconds_per_cell == 5
    assert course.limits.memory_mb == 4096
    assert course.opens_after == {"layers": 3}
    week = course.weeks[0]
    assert (week.number, week.name, week.points) == (0, "arrays", 20)
    assert week.due == datetime(2027, 3, 8, 23, 59, tzinfo=UTC)
    assert week.answers == ("numpy",)
    assert week.source(course) == folder / "solutions/week00_arrays/arrays.py"
    assert week.solution(course) == folder / "solutions/week00_arrays/arrays.ipynb"
    assert week.student(course) == folder / "notebooks/week00_arrays/arrays.ipynb"
    assert course.weeks[2].number is None
    assert course.weeks[2].name == "final_exam"


@pytest.mark.parametrize(
    "text", ["1", "01", "week1", "week01", "week01_lines", "lines", " Week01 "]
)
def test_a_week_is_found_by_what_people_type(folder, text):
    assert load_course(folder).week(text).folder == "week01_lines"


@pytest.mark.parametrize("text", ["2", "week", "", "perceptron", "week01_"])
def test_an_unknown_week_lists_the_known_ones(folder, text):
    with pytest.raises(CourseError, match="there is no week") as caught:
        load_course(folder).week(text)
    assert "week00_arrays, week01_lines, final_exam" in caught.value.cure


def test_select_keeps_the_order_and_takes_each_once(folder):
    course = load_course(folder)
    assert [w.folder for w in course.select([])] == ["week00_arrays", "week01_lines", "final_exam"]
    assert [w.number for w in course.select(["1", "week00", "lines"])] == [0, 1]


def test_the_course_is_found_from_below(folder, monkeypatch):
    monkeypatch.chdir(folder / "solutions" / "final_exam")
    assert find_root() == folder
    assert load_course().root == folder


def test_no_course_anywhere(tmp_path):
    with pytest.raises(CourseError, match=r"no course\.toml in .* or above"):
        find_root(tmp_path)
    with pytest.raises(CourseError, match=r"no course\.toml"):
        load_course(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "cure"),
    [
        ('title = "Arrays"', "title = Arrays", 12, "not valid TOML", "quotes"),
        ("[limits]", "[limits", 4, "not valid TOML", "quotes"),
        ('title = "Lines"', 'title = "Lines"\ntitle = "L"', 20, "not valid TOML", "once"),
        ("points = 12.5", "points = 12.5\n[limits]", 21, "not valid TOML", "once"),
        ("points = 20", 'points = "20"', 13, "points = '20'", "Mend"),
        ("points = 20", "points = -1", 13, "greater than 0", "Mend"),
        ("points = 20\n", "", 10, "'points' is missing", "Add a line"),
        ("points = 20", "point = 20", 13, "unknown key 'point'", "Did you mean points?"),
        ("points = 20", "points = inf", 13, "finite number", "Mend"),
        (
            '[[week]]\nfolder = "final',
            '[[weeks]]\nfolder = "final',
            22,
            "key 'weeks'",
            "mean week?",
        ),
        ("points = 20", "points = 20\npionts = 3", 14, "unknown key 'pionts'", "points"),
        ("seconds_per_cell", "seconds_per_sell", 5, "unknown key", "seconds_per_cell"),
        ("= 5", "= 2.5", 5, "seconds_per_cell = 2.5", "Mend"),
        ('private = "private"', 'privat = "private"', 2, "unknown key 'privat'", "private"),
        ("2027-03-08T23:59:00Z", "2027-13-08T23:59:00Z", 14, "date", "2027-03-15T23"),
        ("2027-03-08T23:59:00Z", "2027-03-08", 14, "date", "2027-03-15T23"),
        ("2027-03-08T23:59:00Z", "2027-03-08T23:59:00", 14, "date", "2027-03-15T23"),
        ("2027-03-08T23:59:00Z", '"8 March"', 14, "date", "2027-03-15T23"),
        ('["numpy"]', '"numpy"', 15, "answers = 'numpy'", "Mend"),
        ('["numpy"]', '["numpy", 3]', 15, "answers = 3", "Mend"),
        ("week01_lines", "week00_arrays", 18, "a second week 'week00_arrays'", "Delete"),
        ("week01_lines", "week00_lines", 18, "a second week number 0", "Renumber"),
        ("week01_lines", "week01_circles", 18, "no folder solutions/week01_circles", "Create"),
        ("week01_lines", "../elsewhere", 18, "no name for a folder", "small letters"),
        ('"private"', '"notebooks/private"', 2, "shared or published", "folder of its own"),
        (
            "points = 20",
            'points = 20\nwithheld = ["nms"]',
            14,
            "'nms' does not name a f",
            "Write it as",
        ),
        ("points = 20", 'points = 20\nwithheld = ["a.b()"]', 14, "'a.b()' does not", "Write it as"),
        ("points = 20", "points = 20\nwithheld = [3]", 14, "withheld = 3", "Mend"),
        ("points = 20", 'points = 20\nwithheld = "a.b"', 14, "withheld = 'a.b'", "Mend"),
        ("layers = 3", 'layers = "3"', 8, "layers = '3' is no number of a week", "last week that"),
        ("layers = 3", "layers = -1", 8, "layers = -1 is no number of a week", "last week that"),
        ("layers = 3", "layers = 3.5", 8, "layers = 3.5 is no number of a week", "last week that"),
        ("layers = 3", "layer = 3", 8, "no module helpers/nn/layer.py", "Modules: layers, losses."),
        ("layers = 3", '"../x" = 3', 8, "no module helpers/nn/../x.py", "Modules: layers, losses."),
        ("[opens_after]", "[open_after]", 7, "unknown key 'open_after'", "opens_after"),
        ('"private"', '"."', 2, "shared or published", "folder of its own"),
    ],
)
def test_a_mistake_names_line_and_cure(folder, old, new, line, what, cure):
    assert GOOD.count(old) == 1
    (folder / "course.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(CourseError) as caught:
        load_course(folder)
    assert caught.value.message.startswith(f"course.toml, line {line}: ")
    assert what in caught.value.message
    assert cure in caught.value.cure
    assert len(str(caught.value).splitlines()) == 2


def test_functions_that_a_week_withholds(folder):
    text = GOOD.replace("points = 10", 'points = 10\nwithheld = ["torch.nn.RNN", "numpy.dot"]')
    (folder / "course.toml").write_text(text)
    weeks = load_course(folder).weeks
    assert [week.withheld for week in weeks] == [(), (), ("torch.nn.RNN", "numpy.dot")]
    assert [week.spoken for week in weeks] == ["week 0", "week 1", "Rehearsal"]


def test_not_utf8(folder):
    (folder / "course.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(CourseError, match="not UTF-8"):
        load_course(folder)


def test_the_private_folder_may_lie_elsewhere(folder):
    (folder / "course.toml").write_text(GOOD.replace('"private"', '"/srv/students"'))
    assert load_course(folder).private == (folder / "/srv/students").resolve()
    (folder / "course.toml").write_text(GOOD.replace('"private"', '"~/students"'))
    assert str(load_course(folder).private).startswith(os.path.realpath(os.path.expanduser("~")))


def test_lines_of_nested_and_long_values():
    text = """\
a = [  # a list [ over
  "]",
  "b = 1",
]
[one.two]  # x
"dotted key".c = '''
d = 4
'''
e = { f = 1, g = [2,
 3] }
[[many]]
x = 1
[[many]]
x = "#["
y = 2
"""
    lines = key_lines(text)
    assert lines == {
        ("a",): 1,
        ("one", "two"): 5,
        ("one", "two", "dotted key", "c"): 6,
        ("one", "two", "e"): 9,
        ("many", 0): 11,
        ("many", 0, "x"): 12,
        ("many", 1): 13,
        ("many", 1, "x"): 14,
        ("many", 1, "y"): 15,
    }
    assert line_of(lines, ("many", 1, "z")) == 13
    assert line_of(lines, ("nothing",)) is None


def test_the_mark_that_windows_editors_put_first_is_no_mistake(folder):
    (folder / "course.toml").write_text(GOOD, encoding="utf-8-sig")
    assert load_course(folder).title == "Deep Learning"
