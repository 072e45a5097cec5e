"""Records: plain data that survive being written, cut off and read again."""

import os

import pytest
from pydantic import ValidationError

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.records import (
    SubmissionRecord,
    TestRecord,
    WrittenRecord,
    read_record,
    read_records,
    record_path,
    records_folder,
    write_record,
)


@pytest.fixture
def course(tmp_path):
    (tmp_path / "solutions" / "week01_small").mkdir(parents=True)
    (tmp_path / "course.toml").write_text(
        'title = "Small"\n[[week]]\nfolder = "week01_small"\ntitle = "Small"\npoints = 5\n'
    )
    return load_course(tmp_path)


def make(student="ada", **fields):
    return SubmissionRecord(
        week="week01_small",
        student=student,
        engine="nbgrader",
        sandbox="bubblewrap",
        graded_at="2027-01-01T00:00:00+00:00",
        tests=[TestRecord(grade_id="test_f_a", points=1, max_points=2, passed=False, message="µ")],
        written=[WrittenRecord(grade_id="why", max_points=3)],
        **fields,
    )


def test_points_count_written_answers_once_they_have_a_mark():
    record = make()
    assert (record.points, record.max_points) == (1, 5)
    assert record.awaits_hand_grading
    record.written[0].points = 2.5
    assert record.points == 3.5
    assert not record.awaits_hand_grading


def test_what_is_written_is_read(course):
    week = course.weeks[0]
    for student in ("zoë", "ada", "a'b <c>"):
        write_record(course, week, make(student))
    assert [record.student for record in read_records(course, week)] == ["a'b <c>", "ada", "zoë"]
    assert read_record(course, week, "zoë") == make("zoë")
    assert read_record(course, week, "nobody") is None


def test_names_that_are_too_long_for_a_file_are_kept_apart(course):
    week = course.weeks[0]
    names = ["ß" * 120 + end for end in "ab"]
    for name in names:
        write_record(course, week, make(name))
    assert [record.student for record in read_records(course, week)] == names
    assert read_record(course, week, names[1]) == make(names[1])


def test_nothing_graded_is_no_error(course):
    assert read_records(course, course.weeks[0]) == []


def test_only_the_instructor_can_look(course):
    write_record(course, course.weeks[0], make())
    assert os.stat(course.private).st_mode & 0o077 == 0
    assert os.stat(record_path(course, course.weeks[0], "ada")).st_mode & 0o077 == 0


def test_a_write_that_fails_leaves_the_old_record(course, monkeypatch):
    week = course.weeks[0]
    write_record(course, week, make())

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_record(course, week, make(problem="new"))
    assert read_records(course, week) == [make()]
    assert [path.name for path in records_folder(course, week).iterdir()] == ["ada.json"]


def test_a_damaged_record_is_named_with_the_cure(course):
    week = course.weeks[0]
    path = write_record(course, week, make())
    path.write_text(path.read_text()[:100])
    with pytest.raises(CourseError, match=r"ada\.json") as found:
        read_records(course, week)
    assert "course grade week01_small" in found.value.cure


@pytest.mark.parametrize("points", [float("nan"), float("inf")])
def test_points_are_finite(points):
    with pytest.raises(ValidationError):
        TestRecord(grade_id="a", points=points, max_points=1, passed=True)
