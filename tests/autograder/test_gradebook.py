"""Marks in nbgrader's gradebook: merged once, and never over a person's."""

import json
import sqlite3
from datetime import datetime

import pytest
from graded_course import NAME, WEEK, find_cell, make_course
from nbgrader.api import Gradebook

from autograder.assignment import prepare_assignment
from autograder.errors import CourseError
from autograder.gradebook import gradebook_path, open_gradebook
from autograder.records import SubmissionRecord, TestRecord, WrittenRecord

HANDED_IN = datetime(2027, 3, 9, 12, 0)


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path, gradebook=True)


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("course"))
    with prepare_assignment(course, course.weeks[0]) as assignment:
        yield assignment


def make(points=(1, 2, 0, 0), **fields):
    names = ["test_double_values", "test_double_arrays", "test_total_rows", "test_total_random"]
    most = (1, 2, 1, 2)
    return SubmissionRecord(
        week=WEEK,
        student="ada",
        engine="nbgrader",
        sandbox="none",
        graded_at="2027-03-09T12:00:00+00:00",
        tests=[
            TestRecord(grade_id=name, points=got, max_points=top, passed=got == top)
            for name, got, top in zip(names, points, most, strict=True)
        ],
        written=[WrittenRecord(grade_id="why_double", max_points=2)],
        **fields,
    )


def merge(course, assignment, record, *, fresh=True, handed_in=None):
    with open_gradebook(course, assignment) as book:
        book.merge(record, fresh=fresh, handed_in=handed_in)
    return record


def stored(course):
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        notebook = book.find_submission_notebook(NAME, WEEK, "ada")
        return {
            grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for grade in notebook.grades
        }


def by_hand(course, cell, points):
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        grade = book.find_grade(cell, NAME, WEEK, "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        if cell in ("why_double", "total"):
            book.find_comment(cell, NAME, WEEK, "ada").manual_comment = "well said"
        book.db.commit()


def test_marks_are_written_in_nbgraders_way(course, assignment):
    record = merge(course, assignment, make(), handed_in=HANDED_IN)
    assert stored(course) == {
        "test_double_values": (1, None, False),
        "test_double_arrays": (2, None, False),
        "test_total_rows": (0, None, False),
        "test_total_random": (0, None, False),
        "why_double": (None, None, True),
    }
    assert record.written[0].points is None
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        submission = book.find_submission(WEEK, "ada")
        assert (submission.score, submission.max_score) == (3, 8)
        assert submission.timestamp == HANDED_IN
        assert submission.total_seconds_late == 12 * 3600 + 60


def test_merging_twice_changes_nothing(course, assignment):
    merge(course, assignment, make())
    before = stored(course)
    merge(course, assignment, make())
    merge(course, assignment, make(), fresh=False)
    assert stored(course) == before
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        assert len(book.students) == len(book.assignment_submissions(WEEK)) == 1


def test_an_untouched_answer_is_zero_without_a_person(course, assignment):
    record = merge(course, assignment, make(untouched=["why_double", "total"]))
    assert stored(course)["why_double"] == (0, None, False)
    assert record.written[0].points == 0
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        notebook = book.find_submission_notebook(NAME, WEEK, "ada")
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
    assert comments == {"double": None, "total": "No response.", "why_double": "No response."}


@pytest.mark.parametrize("status", ["no_notebook", "unreadable", "too_large", "symlink"])
def test_where_there_is_nothing_every_mark_is_zero(course, assignment, status):
    record = make(points=(0, 0, 0, 0), status=status, problem="nothing")
    assert merge(course, assignment, record).written[0].points == 0
    assert set(stored(course).values()) == {(0, None, False)}


def test_a_failed_grading_leaves_the_written_answer_to_a_person(course, assignment):
    merge(course, assignment, make(points=(0, 0, 0, 0), status="failed", problem="died"))
    assert stored(course)["why_double"] == (None, None, True)


def test_a_comment_given_by_hand_comes_into_the_record(course, assignment):
    merge(course, assignment, make())
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        for comment in book.find_submission_notebook(NAME, WEEK, "ada").comments:
            comment.manual_comment = {"why_double": "Well *argued*.", "double": "  "}.get(
                comment.name
            )
        book.db.commit()
    record = merge(course, assignment, make(), fresh=False)
    assert record.comments == {"why_double": "Well *argued*."}
    assert merge(course, assignment, record, fresh=False).comments == record.comments


def test_a_mark_given_by_hand_stays(course, assignment):
    merge(course, assignment, make())
    by_hand(course, "why_double", 1.5)
    by_hand(course, "test_total_random", 1)
    unchanged = merge(course, assignment, make(), fresh=False)
    assert stored(course)["why_double"] == (None, 1.5, False)
    assert stored(course)["test_total_random"] == (0, 1, False)
    assert unchanged.written[0].points == 1.5
    again = merge(course, assignment, make(points=(1, 2, 1, 2)))
    assert stored(course)["why_double"] == (None, 1.5, True)
    assert stored(course)["test_total_random"] == (2, 1, True)
    assert again.written[0].points == 1.5
    assert (again.tests[3].points, again.tests[3].by_hand, again.points) == (
        2,
        1,
        1 + 2 + 1 + 1 + 1.5,
    )
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        comment = book.find_comment("why_double", NAME, WEEK, "ada")
        assert comment.comment == "well said"


def test_the_records_points_are_those_of_the_gradebook(course, assignment):
    record = merge(course, assignment, make())
    by_hand(course, "test_total_random", 1.25)
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        book.find_grade("test_double_values", NAME, WEEK, "ada").extra_credit = 0.5
        book.db.commit()
    merge(course, assignment, record, fresh=False)
    assert [test.by_hand for test in record.tests] == [1.5, None, None, 1.25]
    assert [test.points for test in record.tests] == [1, 2, 0, 0]
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        assert book.find_submission(WEEK, "ada").score == record.points == 4.75
        grade = book.find_grade("test_total_random", NAME, WEEK, "ada")
        grade.manual_score = None
        book.db.commit()
    merge(course, assignment, record, fresh=False)
    assert (record.tests[3].by_hand, record.points) == (None, 3.5)


def test_a_gradebook_that_somebody_writes_to_is_waited_for_by_people(course, assignment):
    other = sqlite3.connect(gradebook_path(course))
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(CourseError, match="locked") as caught:
            merge(course, assignment, make())
    finally:
        other.close()
    assert "Another program is writing to it" in caught.value.cure
    gradebook_path(course).write_text("not a database at all" * 99)
    with pytest.raises(CourseError, match="not a database") as caught:
        merge(course, assignment, make())
    assert "Put back a copy" in caught.value.cure


def test_what_a_stopped_run_left_out_is_made_up_for(course, assignment):
    merge(course, assignment, make(), fresh=False)
    assert stored(course)["test_double_arrays"] == (2, None, False)
    assert stored(course)["why_double"] == (None, None, True)


def change_solution(course, edit):
    path = course.weeks[0].solution(course)
    notebook = json.loads(path.read_text())
    edit(notebook)
    path.write_text(json.dumps(notebook))


def test_a_changed_test_reaches_the_gradebook(course, assignment):
    merge(course, assignment, make())

    def edit(notebook):
        find_cell(notebook, "test_total_rows")["source"] += "\nchecks.true(True, 'so it is')"

    change_solution(course, edit)
    with prepare_assignment(course, course.weeks[0]) as changed:
        assert changed.sha256 != assignment.sha256
        merge(course, changed, make(), fresh=False)
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        assert "so it is" in book.find_source_cell("test_total_rows", NAME, WEEK).source
    assert stored(course)["test_double_values"] == (1, None, False)


def test_a_cell_that_vanishes_after_grading_is_refused_with_the_cure(course, assignment):
    merge(course, assignment, make())

    def edit(notebook):
        notebook["cells"].remove(find_cell(notebook, "test_total_rows"))

    change_solution(course, edit)
    with (
        prepare_assignment(course, course.weeks[0]) as changed,
        pytest.raises(CourseError, match="does not take week01_small") as found,
    ):
        merge(course, changed, make())
    assert "nbgrader db assignment remove week01_small" in found.value.cure
    assert stored(course)["test_double_values"] == (1, None, False)


def test_without_a_built_solution_the_cure_is_to_build(course):
    course.weeks[0].solution(course).unlink()
    with (
        pytest.raises(CourseError, match="no built solution") as found,
        prepare_assignment(course, course.weeks[0]),
    ):
        pass
    assert "course build week01_small" in found.value.cure
