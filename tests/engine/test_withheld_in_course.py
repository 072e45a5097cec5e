"""A withheld function from course.toml to the student's page: sentence, note, report, feedback."""

import pytest
from graded_course import RIGHT, hand_in, make_course
from small_course import edit

from autograder.course import load_course
from autograder.feedback import write_feedback
from autograder.grading import grade_week
from autograder.report import write_report

pytestmark = pytest.mark.slow

SENTENCE = "week 1 asks you to write this yourself: numpy.einsum"
CLASS = {
    "honest": RIGHT,
    "borrower": {**RIGHT, "total": "def total(x):\n    return np.einsum('...i->...', x)"},
    "restorer": {
        **RIGHT,
        "total": "for c in np.einsum.__closure__:\n"
        "    if getattr(c.cell_contents, '__module__', '') == 'numpy':\n"
        "        np.einsum = c.cell_contents\n"
        "def total(x):\n    return np.einsum('...i->...', x)",
    },
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("course"))
    edit(course.root / "course.toml", "points = 8", 'points = 8\nwithheld = ["numpy.einsum"]')
    course = load_course(course.root)
    for student, answers in CLASS.items():
        hand_in(course, student, answers)
    records = grade_week(course, course.weeks[0], engine="judge")
    return course, {record.student: record for record in records}


def scores(record):
    return {test.grade_id: test.points for test in record.tests}


def test_the_test_itself_may_use_it_and_the_honest_lose_nothing(graded):
    _, records = graded
    assert sum(scores(records["honest"]).values()) == 6
    assert records["honest"].notes == []


def test_the_borrower_reads_the_sentence(graded):
    record = graded[1]["borrower"]
    assert scores(record) == {
        "test_double_values": 1,
        "test_double_arrays": 2,
        "test_total_rows": 0,
        "test_total_random": 0,
    }
    for test in record.tests[2:]:
        assert SENTENCE in test.message
    assert record.notes == [
        "`total`, line 2, uses `np.einsum` (numpy.einsum); week 1 withholds einsum"
    ]


def test_who_gets_round_it_is_noted(graded):
    record = graded[1]["restorer"]
    assert sum(scores(record).values()) == 6  # a person decides
    assert (
        record.notes[0]
        == "numpy.einsum was replaced while the answers ran; week 1 asks to write it"
    )
    assert "`total`, line 1, uses" in record.notes[1]


def test_report_and_feedback_say_so(graded):
    course, records = graded
    week = course.weeks[0]
    page = write_report(course, week, list(records.values())).read_text()
    assert "numpy.einsum was replaced while the answers ran; week 1 asks to write it (and" in page
    assert "week 1 withholds einsum" in page
    pages = write_feedback(course, week, list(records.values()))
    assert "numpy.einsum was replaced" in pages["restorer"].read_text()
    assert SENTENCE in pages["borrower"].read_text()
    assert "withholds" not in pages["honest"].read_text()


def test_a_change_of_the_list_makes_records_stale(graded):
    course, _ = graded
    edit(course.root / "course.toml", 'withheld = ["numpy.einsum"]\n', "")
    course = load_course(course.root)
    seen = []
    records = grade_week(
        course, course.weeks[0], engine="judge", progress=lambda done, total, _: seen.append(total)
    )
    assert seen[0] == 3
    assert {sum(scores(r).values()) for r in records if r.student != "restorer"} == {6}
