"""`course doctor` on the gradebook: where it is, how many are in it, what is in the way."""

import sqlite3

import pytest
from graded_course import make_course

from autograder import doctor
from autograder.course import load_course
from autograder.database import VARIABLE


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    return make_course(tmp_path, gradebook=True)


def look(course):
    return doctor._gradebook(course)


def test_none_yet(tmp_path):
    course = make_course(tmp_path)
    assert look(course).level == "fine"
    assert "will be made" in look(course).says
    assert not course.private.exists()


def test_one_that_is_there(course):
    path = course.private / "gradebook.db"
    before = path.read_bytes()
    assert (look(course).level, look(course).says) == ("fine", f"{path}, 0 students")
    assert path.read_bytes() == before


def test_one_that_is_empty(course):
    (course.private / "gradebook.db").write_bytes(b"")
    assert look(course).says.endswith("gradebook.db, empty")


def test_one_that_somebody_writes_to(course):
    other = sqlite3.connect(course.private / "gradebook.db")
    other.execute("BEGIN IMMEDIATE")
    found = look(course)
    other.close()
    assert found.level == "missing"
    assert "locked" in found.says
    assert "Another program" in found.cure


def test_one_that_is_damaged(course):
    (course.private / "gradebook.db").write_bytes(b"no database " * 99)
    assert "not a database" in look(course).says
    assert "Put back a copy" in look(course).cure


@pytest.mark.parametrize("what", ["", "gradebook.db"])
def test_one_that_this_user_may_not_write(course, monkeypatch, what):
    place = str(course.private / what if what else course.private)
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: path != place)
    assert (look(course).level, look(course).says) == (
        "missing",
        f"{place} cannot be read and written",
    )
    assert place in look(course).cure


def test_a_server_that_is_away(course, monkeypatch):
    pytest.importorskip("psycopg2")
    monkeypatch.setenv(VARIABLE, "postgresql://grader:secret@127.0.0.1:9/course")
    found = look(load_course(course.root))
    assert found.level == "missing"
    assert "secret" not in found.says + found.cure
    assert "\n" not in found.says + found.cure
