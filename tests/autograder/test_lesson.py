import pytest
from small_course import ROOT, SMALL, WEEK, edit, make_small_course

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.lesson import owner_of_test, read_lesson

SOURCE = SMALL / "solutions" / WEEK / "scores.py"


@pytest.fixture(scope="module")
def lesson():
    return read_lesson(SOURCE, WEEK)


def test_cells_know_role_tags_and_points(lesson):
    roles = [cell.role for cell in lesson.cells]
    assert roles == [
        *("text", "given", "text", "answer", "test", "test", "text"),
        *("text", "given", "demo", "text", "text", "answer", "test", "text"),
        *("text", "written", "text", "written", "text"),
    ]
    assert lesson.week == WEEK
    test = next(cell for cell in lesson.cells if cell.grade_id == "test_centre_shapes")
    assert (test.points, test.kind, test.label) == (2, "code", "cell 6 (test_centre_shapes)")
    assert lesson.of_role("demo")[0].tags == {"demo"}
    assert lesson.cells[13].tags == {"nbval-check-output"}
    assert [cell.grade_id for cell in lesson.written] == ["when_means_mislead", "why_no_sum"]


@pytest.mark.parametrize(
    "path", [SOURCE, *sorted(ROOT.glob("solutions/*/*.py"))], ids=lambda p: p.stem
)
def test_every_cell_knows_its_line(path):
    lines = path.read_text().splitlines()
    for cell in read_lesson(path, path.parent.name).cells:
        for offset, text in enumerate(cell.source.splitlines()):
            line = lines[cell.first_line - 1 + offset]
            assert line in (text, f"# {text}", "#" if not text else None), cell.label


def test_exercises_have_their_tests(lesson):
    assert [(e.name, e.points, e.minutes) for e in lesson.exercises] == [
        ("centre", 3, 20),
        ("RunningMean", 2, 20),
    ]
    names = [test.grade_id for test in lesson.exercise("centre").tests]
    assert names == ["test_centre_values", "test_centre_shapes"]
    with pytest.raises(CourseError, match="no exercise 'mean'"):
        lesson.exercise("mean")


def test_the_longest_answer_that_fits_owns_a_test():
    answers = ["sum", "sum_of", "mean"]
    assert owner_of_test("test_sum_of_squares", answers) == "sum_of"
    assert owner_of_test("test_sum_all", answers) == "sum"
    assert owner_of_test("test_median_even", answers) is None
    assert owner_of_test("test_sum", answers) is None


def test_visible_and_hidden_source(lesson):
    test = lesson.exercise("centre").tests[1]
    assert test.visible_source.splitlines() == [test.source.splitlines()[0]]
    assert test.hidden_source.splitlines() == test.source.splitlines()[2:5]
    assert lesson.exercise("centre").tests[0].hidden_source == ""


def test_solution_regions(lesson):
    regions = lesson.exercise("RunningMean").answer.solution_regions
    assert [len(region.splitlines()) for region in regions] == [2, 2]
    assert regions[0].startswith("        self.count = 0")


def test_a_syntax_error_names_file_line_and_cell(tmp_path):
    course = make_small_course(tmp_path / "course")
    path = course.weeks[0].source(course)
    edit(path, "return table - means", "return table -")
    number = path.read_text().splitlines().index("    return table -") + 1
    with pytest.raises(CourseError) as caught:
        read_lesson(path, course.weeks[0])
    assert f"scores.py, line {number}, cell 4 (centre): invalid syntax" in caught.value.message
    assert len(str(caught.value).splitlines()) == 2


def test_magics_are_no_syntax_errors(tmp_path):
    course = make_small_course(tmp_path / "course")
    path = course.weeks[0].source(course)
    edit(path, "plots.use_course_style()", "# %matplotlib inline")
    cell = read_lesson(path, WEEK).cells[1]
    assert "%matplotlib inline" in cell.source
    assert len(cell.tree.body) == 5


def test_missing_and_unreadable_sources(tmp_path):
    with pytest.raises(CourseError, match="there is no source"):
        read_lesson(tmp_path / "none.py", WEEK)
    (tmp_path / "bytes.py").write_bytes(b"# %%\nx = '\xff'\n")
    with pytest.raises(CourseError, match="not UTF-8"):
        read_lesson(tmp_path / "bytes.py", WEEK)


def test_the_small_course_is_valid():
    assert load_course(SMALL).weeks[0].folder == WEEK
