"""nbgrader's own commands work on the same tree and give the same scores as `course grade`."""

import csv
import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from graded_course import NAME, RIGHT, WEEK, hand_in, make_course

from autograder import grading
from autograder.gradebook import gradebook_path

grade_week = functools.partial(grading.grade_week, engine="nbgrader")

STUDENTS = {
    "right": RIGHT,
    "half": {"double": RIGHT["double"], "why_double": "It is."},
    "warns": {
        "double": "import warnings\ndef double(x):\n    warnings.warn('hm')\n    return 2 * x",
        "total": "def total(x):\n    return x.sum(axis=0)",
    },
}


def nbgrader(course, *arguments):
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        [f"{programs}/nbgrader", *arguments],
        cwd=course.root,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def all_grades(course):
    """Every score in the gradebook, by student and cell, as nbgrader's own interface gives it."""
    from nbgrader.api import Gradebook

    found = {}
    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        for submission in book.assignment_submissions(WEEK):
            for grade in submission.notebooks[0].grades:
                found[submission.student.id, grade.name] = (
                    grade.auto_score,
                    grade.manual_score,
                    grade.needs_manual_grade,
                )
    return found


def give_by_hand(course, student, cell, points, comment):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{gradebook_path(course)}", "deep-learning") as book:
        grade = book.find_grade(cell, NAME, WEEK, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment(cell, NAME, WEEK, student).manual_comment = comment
        book.db.commit()


@pytest.mark.slow
def test_both_ways_on_the_same_day(tmp_path):
    course = make_course(tmp_path)
    week = course.weeks[0]
    released = week.student(course).read_text()
    for student, answers in STUDENTS.items():
        hand_in(course, student, answers)

    nbgrader(course, "generate_assignment", WEEK, "--force")
    assert week.student(course).read_text() == released
    nbgrader(course, "autograde", WEEK)
    theirs = all_grades(course)
    assert len(theirs) == 5 * len(STUDENTS)
    assert theirs["right", "test_total_random"] == (2, None, False)
    assert theirs["half", "test_total_random"] == (0, None, False)
    assert theirs["half", "why_double"] == (None, None, True)

    give_by_hand(course, "half", "why_double", 1.5, "short, but right")
    records = grade_week(course, week)
    ours = all_grades(course)
    assert {key: value[0] for key, value in ours.items()} == {
        key: value[0] for key, value in theirs.items()
    }
    half = next(record for record in records if record.student == "half")
    assert half.written[0].points == 1.5
    assert ours["half", "why_double"] == (None, 1.5, True)  # as after nbgrader's own autograde

    nbgrader(course, "autograde", WEEK, "--force", "--student", "half")
    assert all_grades(course) == ours
    nbgrader(course, "generate_feedback", WEEK)
    for student in STUDENTS:
        page = course.private / "feedback" / student / WEEK / f"{NAME}.html"
        assert "double" in page.read_text()
    nbgrader(course, "export", "--to", str(tmp_path / "grades.csv"))
    with open(tmp_path / "grades.csv", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == {"right": 6, "half": 4.5, "warns": 3}
    give_by_hand(course, "half", "why_double", 1.5, "short, but right")
    grade_week(course, week)
    assert all_grades(course)["half", "why_double"] == (None, 1.5, False)


def test_with_a_mistake_in_course_toml_nbgrader_stops_too(tmp_path):
    course = make_course(tmp_path)
    syllabus = tmp_path / "course.toml"
    syllabus.write_text(syllabus.read_text().replace("points = 8", "point = 8"))
    for program in (
        [str(Path(sys.executable).with_name("nbgrader"))],
        [sys.executable, "-m", "nbgrader"],
    ):
        done = subprocess.run(
            [*program, "db", "student", "list"],
            cwd=course.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "unknown key 'point'" in done.stderr
        assert "Did you mean points?" in done.stderr
        assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.db")), "no gradebook outside the private folder"
