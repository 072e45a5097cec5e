"""The class report: its numbers by hand, its page, and classes of awkward sizes."""

import base64
import io
import json
import math

import numpy as np
import pytest
from class_of_records import assert_harmless, make_course, make_record, make_test
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_feedback import VECTORS
from typer.testing import CliRunner

from autograder.cli import build_app
from autograder.errors import CourseError
from autograder.pages import plain
from autograder.records import WrittenRecord, write_record
from autograder.report import STATUS_WORDS, class_summary, write_report
from autograder.statistics import correlation_interval, item_rest_correlation


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path)


@pytest.fixture
def week(course):
    return course.week("1")


@pytest.fixture
def shown(course, week):
    """Writes the report, holds that it is harmless, and gives it taken apart."""

    def make(records):
        path = write_report(course, week, records)
        assert path == course.private / "reports" / "week01_small.html"
        return assert_harmless(path.read_text(encoding="utf-8"))

    return make


def one_line(text):
    return " ".join(text.split())


FOUR = [
    make_record("ada", (2, 1, 3), seconds=2.0),
    make_record("bo", (2, 0, 0), seconds=4.0),
    make_record("cy", (0, 0, 3), seconds=6.0),
    make_record("di", (0, 0, 0), seconds=8.0),
]


def test_points_and_shares_by_hand(course, week):
    summary = class_summary(course, week, FOUR)
    assert (summary.submissions, summary.graded, summary.statuses) == (4, 4, {"graded": 4})
    assert (summary.points_by_checks, summary.points_by_hand) == (6, 2)
    assert summary.mean == pytest.approx((6 + 2 + 3 + 0) / 4)
    assert summary.median == 2.5
    assert summary.standard_deviation == pytest.approx(2.5)  # of 6, 2, 3, 0: √(18.75 / 3)
    double, halve = summary.exercises
    assert (double.full, double.part, double.none) == (1, 1, 2)
    assert (halve.full, halve.part, halve.none) == (2, 0, 2)
    assert double.difficulty == pytest.approx(5 / 12)
    assert double.mean_points == pytest.approx(5 / 4)
    assert (summary.seconds_median, summary.seconds_longest, summary.seconds_total) == (5, 8, 20)


def test_discrimination_is_the_correlation_with_the_rest(course, week):
    # double: 3, 2, 0, 0 against halve: 3, 0, 3, 0; deviations 1.75, .75, −1.25, −1.25 and ±1.5
    expected = 1.5 * (1.75 - 0.75 - 1.25 + 1.25) / math.sqrt(6.75 * 9)
    summary = class_summary(course, week, FOUR)
    assert [e.discrimination for e in summary.exercises] == pytest.approx([expected, expected])
    low, high = summary.exercises[0].discrimination_interval
    assert low < expected < high
    assert high - low > 1, "four students say next to nothing"


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), max_size=30))
def test_item_rest_correlation_is_numpys_where_there_is_one(pairs):
    item = np.array([pair[0] for pair in pairs])
    rest = np.array([pair[1] for pair in pairs])
    r = item_rest_correlation(item, item + rest)
    if r is not None:
        assert len(pairs) >= 3
        assert -1 <= r <= 1
    if len(pairs) >= 3 and np.ptp(item) > 1e-3 and np.ptp(rest) > 1e-3:
        assert r == pytest.approx(np.corrcoef(item, rest)[0, 1], abs=1e-6)


def test_an_exercise_is_not_correlated_with_itself():
    rng = np.random.default_rng(1)
    item, rest = rng.normal(size=4000), rng.normal(size=4000)
    assert abs(item_rest_correlation(item, item + rest)) < 0.05
    assert np.corrcoef(item, item + rest)[0, 1] > 0.6


def test_fishers_interval_of_a_known_case():
    low, high = correlation_interval(0.5, 28)  # z = 0.5493 ± 1.96 / 5
    assert low == pytest.approx(math.tanh(0.5493 - 0.392), abs=1e-4)
    assert high == pytest.approx(math.tanh(0.5493 + 0.392), abs=1e-4)
    assert correlation_interval(0.5, 3) is None
    assert correlation_interval(1.0, 10)[1] <= 1.0


def test_failing_checks_are_grouped_by_first_line_and_counted_once_a_student(course, week):
    def failing(student, message, **fields):
        names = ("test_double_values", "test_double_shape")
        tests = [make_test(name, 0, 1, message=message, **fields) for name in names]
        return make_record(student, tests=tests)

    stub = "`double` is not written yet"
    records = [
        failing("ada", "twice one is two\n  got 1.0"),
        failing("bo", "twice one is two (item 3)\n  got 7.5"),
        failing("cy", stub, error="NotImplementedError"),
        failing("di", "", timed_out=True),
        failing("eve", stub, error="AssertionError"),
    ]
    summary = class_summary(course, week, records)
    assert [(check.message, check.students) for check in summary.failing_checks] == [
        ("twice one is two", 2),
        (stub, 1),
        ("took longer than the time limit", 1),
    ]
    first = summary.failing_checks[0]
    assert first.share == 0.4
    assert (first.exercise, first.tests) == ("double", ["test_double_shape", "test_double_values"])
    assert [exercise.not_written for exercise in summary.exercises] == [1, 0]


def test_a_mark_given_by_hand_takes_the_place_of_a_tests(course, week):
    record = make_record("ada", (2, 0, 3))
    record.tests[1].by_hand = 1
    summary = class_summary(course, week, [record])
    assert (summary.mean, summary.students[0].points) == (6, 6)
    assert summary.students[0].exercises == [3, 3]


def test_problems_have_one_line_each_and_do_not_count_as_points(course, week):
    problem = "the file is not JSON\nsecond line"
    broken = make_record("zoe", status="unreadable", problem=problem, tests=[], written=[])
    noted = make_record("yan", (2, 1, 3), problem="2 tests were removed; put back")
    edited = make_record("xu", notes=["a test was edited", "a test is missing", "another"])
    summary = class_summary(course, week, [*FOUR, broken, noted, edited])
    assert [(p.student, p.line) for p in summary.problems] == [
        ("zoe", "the file is not JSON"),
        ("yan", "2 tests were removed; put back"),
        ("xu", "a test was edited (and 2 more)"),
    ]
    assert summary.graded == 6
    assert summary.statuses == {"graded": 6, "unreadable": 1}
    assert summary.students[4].exercises == [None, None]
    assert summary.exercises[0].none == 2


def test_hand_grading_still_open_is_counted(course, week):
    done = [WrittenRecord(grade_id="why_double", max_points=2, points=1.5)]
    summary = class_summary(course, week, [make_record("ada"), make_record("bo", written=done)])
    (question,) = summary.written
    assert (question.open, question.graded, question.mean_points) == (1, 1, 1.5)


def test_the_page_shows_it(shown):
    broken = make_record("zoe", status="unreadable", problem="not JSON", tests=[], written=[])
    slow = [make_test("test_halve_values", 0, 3, timed_out=True, message="")]
    page = shown([*FOUR, make_record("eve", tests=slow), broken])
    text = one_line(page.text)
    assert "6 submissions" in text
    assert "zoe unreadable not JSON" in text
    assert "1 test ran into the time limit (1 student: eve)" in text
    assert "With 5 submissions read nothing into it: chance alone gives up to ±0.98" in text
    assert "5 written answers still open" in text
    assert "twice one is two" in text
    assert len(page.of("img")) == 3


def test_every_picture_decodes_and_says_in_words_what_it_shows(shown):
    images = shown(FOUR).of("img")
    for image in images:
        png = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
        picture = Image.open(io.BytesIO(png))
        picture.load()
        assert (
            abs(picture.width / picture.height - int(image["width"]) / int(image["height"])) < 0.02
        )
    assert "from 0 to 6 of 6, median 2.5" in images[0]["alt"]
    assert "double: 1, 1, 2. halve: 2, 0, 2." in images[1]["alt"]
    assert "median 5.0, longest 8.0" in images[2]["alt"]


def test_enough_submissions_lift_the_warning(shown):
    text = one_line(shown([make_record(f"s{i:03}", ((i % 2) * 2, 1, 3)) for i in range(40)]).text)
    assert "read nothing into it" not in text
    assert "With 40 submissions chance alone gives up to ±0.31" in text


@pytest.mark.parametrize(
    ("records", "submissions", "pictures"),
    [
        ([], 0, 0),
        (FOUR[:1], 1, 3),
        (FOUR[:2], 2, 3),
        ([make_record(f"s{i}", (2, 0, 0)) for i in range(7)], 7, 3),
        ([make_record(f"s{i}", (0, 0, 0)) for i in range(7)], 7, 3),
        ([make_record(f"s{i}", (2, 1, 3)) for i in range(7)], 7, 3),
        ([make_record("ada", status="failed", tests=[], problem="killed")], 1, 0),
        ([make_record("ada", tests=[], written=[])], 1, 3),
    ],
    ids=["none", "one", "two", "equal", "all-failed", "all-right", "only-broken", "no-tests"],
)
def test_classes_of_awkward_sizes(shown, course, week, records, submissions, pictures):
    page = shown(records)
    assert len(page.of("img")) == pictures
    assert "nan" not in page.text.lower().split()
    summary = class_summary(course, week, records)
    assert summary.submissions == submissions
    json.loads(json.dumps(summary.model_dump(mode="json"), allow_nan=False))


def test_student_text_is_escaped_in_every_field(shown):
    records = [
        make_record(
            vector,
            notes=[vector],
            problem=vector,
            engine=vector,
            tests=[make_test("test_double_values", 0, 2, message=vector, timed_out=slow)],
            written=[WrittenRecord(grade_id=vector, max_points=1)],
        )
        for vector in VECTORS
        for slow in (True, False)
    ]
    page = shown(records)
    for vector in VECTORS:
        assert plain(vector)[:60] in page.text
    assert not {"script", "iframe", "base", "form"} & {name for name, _ in page.elements}


def test_every_status_has_a_word():
    assert set(STATUS_WORDS) == set(
        make_record("ada").__pydantic_fields__["status"].annotation.__args__
    )


@pytest.fixture
def run(course, monkeypatch):
    monkeypatch.chdir(course.root)
    return lambda *words: CliRunner().invoke(build_app(), list(words))


def test_the_command_writes_the_page_or_prints_the_numbers(course, week, run):
    for record in FOUR:
        write_record(course, week, record)
    result = run("report")
    assert result.exit_code == 0
    assert "week01_small.html" in result.stdout
    facts = json.loads(run("report", "1", "--json").stdout)["week01_small"]
    assert facts["mean"] == 2.75
    assert facts["exercises"][0]["name"] == "double"


def test_the_command_reports_an_empty_week_only_when_asked_for_it(run):
    assert isinstance(run("report").exception, CourseError)
    result = run("report", "1", "--json")
    assert json.loads(result.stdout)["week01_small"]["submissions"] == 0
