"""Intake: whatever lies in a submission's folder ends as cells to grade or as one sentence."""

import functools
import json
import os
import shutil
from datetime import datetime, timedelta, timezone

import pytest
from graded_course import NAME, POINTS_RIGHT, RIGHT, WEEK, find_cell, hand_in, make_course
from graded_course import submitted_notebook as filled_in

from autograder import grading
from autograder.assignment import prepare_assignment
from autograder.errors import CourseError
from autograder.records import read_records
from autograder.submissions import (
    Submission,
    find_submissions,
    late_note,
    printable,
    read_submission,
    rebuild,
)
from helpers.notebooks import parse_notebook

grade_week = functools.partial(grading.grade_week, engine="nbgrader")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def assignment(course):
    with prepare_assignment(course, course.weeks[0]) as assignment:
        yield assignment


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def intake(assignment, folder):
    return lambda: read_submission(Submission("ada", folder), assignment, most_mb=2)


@pytest.fixture
def honest(course):
    return json.dumps(filled_in(course, RIGHT))


class TestReading:
    def test_the_notebook_is_read(self, intake, folder, honest):
        (folder / f"{NAME}.ipynb").write_text(honest)
        found = intake()
        assert found.status == "graded"
        assert found.problem is None
        assert len(found.sha256) == 64
        assert found.handed_in is None

    def test_the_time_of_handing_in_is_kept(self, intake, folder, honest):
        (folder / f"{NAME}.ipynb").write_text(honest)
        (folder / "timestamp.txt").write_text("2027-03-01 14:00:00 UTC")
        assert intake().handed_in.isoformat() == "2027-03-01T14:00:00"

    @pytest.mark.parametrize("text", ["", "yesterday", "\udcff", "9" * 90])
    def test_a_time_that_is_none_is_no_error(self, intake, folder, honest, text):
        (folder / f"{NAME}.ipynb").write_text(honest)
        (folder / "timestamp.txt").write_text(text, errors="surrogateescape")
        assert intake().status == "graded"
        assert intake().handed_in is None

    def test_an_empty_folder(self, intake):
        assert intake().status == "no_notebook"
        assert intake().problem == f"there is no {NAME}.ipynb; found an empty folder"

    def test_other_files_are_named(self, intake, folder):
        (folder / "essay.pdf").write_text("")
        assert intake().status == "no_notebook"
        assert "essay.pdf" in intake().problem

    def test_the_only_notebook_is_graded_under_another_name(self, intake, folder, honest):
        (folder / "my solution(1).ipynb").write_text(honest)
        found = intake()
        assert found.status == "graded"
        assert found.notes == [
            f"handed in as my solution(1).ipynb, not {NAME}.ipynb: graded all the same"
        ]

    def test_another_weeks_notebook_is_not_graded(self, intake, folder):
        other = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (folder / "week9.ipynb").write_text(json.dumps(other))
        found = intake()
        assert (found.status, found.notebook) == ("wrong_name", None)
        assert "week9.ipynb" in found.problem

    def test_several_others_are_not_chosen_from(self, intake, folder, honest):
        for name in ("a.ipynb", "b.ipynb"):
            (folder / name).write_text(honest)
        assert intake().status == "wrong_name"
        assert "a.ipynb, b.ipynb" in intake().problem

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"[" * 300_000,
            b"1" * 9999,
            b'{"nbformat": 3}',
            b'{"nbformat": 4, "cells": 7}',
            b'{"nbformat": 4, "cells": [{"cell_type": []}]}',
        ],
        ids=lambda content: content[:12].decode("ascii", "replace"),
    )
    def test_what_is_no_notebook_is_one_line(self, intake, folder, content):
        (folder / f"{NAME}.ipynb").write_bytes(content)
        found = intake()
        assert found.status == "unreadable"
        assert found.problem
        assert "\n" not in found.problem

    def test_a_huge_file_is_not_read(self, intake, folder):
        with open(folder / f"{NAME}.ipynb", "wb") as file:
            file.truncate(200 * 2**20)
        assert intake().status == "too_large"
        assert intake().problem == f"{NAME}.ipynb has 200 MB; the limit is 2 MB"

    @pytest.mark.parametrize("target", ["/etc/passwd", "nowhere", f"{NAME}.ipynb", "/dev/zero"])
    def test_links_are_not_followed(self, intake, folder, target):
        (folder / f"{NAME}.ipynb").symlink_to(target)
        assert intake().status == "symlink"

    def test_a_folder_that_is_a_link_is_not_followed(self, intake, folder, tmp_path, honest):
        (folder / f"{NAME}.ipynb").write_text(honest)
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
        assert intake().status == "symlink"

    def test_a_student_who_is_a_link_is_not_followed(self, assignment, tmp_path, honest):
        (tmp_path / "real" / WEEK).mkdir(parents=True)
        (tmp_path / "real" / WEEK / f"{NAME}.ipynb").write_text(honest)
        (tmp_path / "ada").symlink_to("real")
        found = read_submission(Submission("ada", tmp_path / "ada" / WEEK), assignment, most_mb=2)
        assert (found.status, found.problem) == (
            "symlink",
            "the folder ada is a link: not followed",
        )

    def test_a_pipe_does_not_block(self, intake, folder):
        os.mkfifo(folder / f"{NAME}.ipynb")
        assert intake().status == "unreadable"

    def test_a_folder_in_place_of_the_file(self, intake, folder):
        (folder / f"{NAME}.ipynb").mkdir()
        assert intake().problem == f"{NAME}.ipynb is a folder"

    def test_a_file_in_place_of_the_folder(self, intake, folder):
        folder.rmdir()
        folder.write_text("")
        assert intake().status == "no_notebook"


class TestNames:
    def test_odd_names_can_be_printed_and_stored(self):
        assert printable("Zoë O'Brien <b>") == "Zoë O'Brien <b>"
        assert printable("a\nb\x1b[2J") == "a\\x0ab\\x1b[2J"
        assert printable(os.fsdecode(b"M\xfcller")) == "M\\xfcller"
        assert printable("gp\u202efdp") == "gp\\x202efdp"
        assert printable("M\\xfcller") == "M\\x5cxfcller"  # not the one above

    def test_students_are_listed_by_name(self, tmp_path):
        course = make_course(tmp_path)
        for name in ("zoe", "ada", "a b", ".hidden"):
            hand_in(course, name, {})
        (course.private / "submitted" / "elsewhere" / "week02_other").mkdir(parents=True)
        (course.private / "submitted" / "stray.txt").write_text("")
        found = find_submissions(course, course.weeks[0])
        assert [submission.student for submission in found] == ["a b", "ada", "zoe"]
        chosen = find_submissions(course, course.weeks[0], ["zoe"])
        assert [submission.student for submission in chosen] == ["zoe"]
        with pytest.raises(CourseError, match="elsewhere handed in nothing"):
            find_submissions(course, course.weeks[0], ["zoe", "elsewhere"])


def rebuilt(assignment, notebook):
    return rebuild(parse_notebook(json.dumps(notebook).encode()), assignment)


def graded_cells(built, assignment):
    """What decides about points: owner, kind, text and nbgrader's metadata of each cell."""
    return {
        owner: (cell["cell_type"], cell["source"], cell["metadata"])
        for owner, cell in zip(built.owners, built.notebook["cells"], strict=True)
        if owner is not None and assignment.cells[owner].role == "test"
    }


class TestRebuilding:
    def test_an_honest_submission_keeps_its_texts_and_order(self, course, assignment):
        notebook = filled_in(course, RIGHT)
        built = rebuilt(assignment, notebook)
        assert built.notes == []
        assert len(built.owners) == len(notebook["cells"])
        sources = ["".join(cell["source"]) for cell in notebook["cells"]]
        for owner, source, cell in zip(built.owners, sources, built.notebook["cells"], strict=True):
            is_test = owner is not None and assignment.cells[owner].role == "test"
            assert cell["source"] == (assignment.cells[owner].source if is_test else source)
        assert list(assignment.cells) == [owner for owner in built.owners if owner]

    def test_the_tests_are_the_instructors_whatever_is_handed_in(self, course, assignment):
        reference = graded_cells(rebuilt(assignment, filled_in(course, {})), assignment)
        assert len(reference) == 4

        def edit(notebook):
            cell = find_cell(notebook, "test_total_random")
            cell["source"] = "assert True"
            cell["metadata"] |= {"tags": ["skip-execution", "raises-exception"], "deletable": True}
            cell["metadata"]["nbgrader"] |= {"points": 1e300, "locked": False, "checksum": "0"}
            find_cell(notebook, "test_total_rows")["cell_type"] = "markdown"
            find_cell(notebook, "test_double_values")["metadata"]["nbgrader"]["solution"] = True
            find_cell(notebook, "test_double_arrays")["metadata"]["nbgrader"] |= {"grade": False}

        notebook = filled_in(course, {})
        edit(notebook)
        built = rebuilt(assignment, notebook)
        assert graded_cells(built, assignment) == reference
        assert "the cell `test_total_random` had been edited: the original was run" in built.notes
        assert "the points of `test_total_random` had been changed: changed back" in built.notes
        assert "`test_total_rows` had become a markdown cell: changed back" in built.notes

    def test_missing_cells_are_put_where_they_belong(self, course, assignment):
        notebook = filled_in(course, RIGHT)
        gone = {"total", "test_total_rows", "why_double", "double"}
        notebook["cells"] = [
            cell
            for cell in notebook["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade_id") not in gone
        ]
        built = rebuilt(assignment, notebook)
        assert [owner for owner in built.owners if owner] == list(assignment.cells)
        assert sorted(built.notes) == sorted(f"the cell `{name}` is missing" for name in gone)
        texts = dict(zip(built.owners, built.notebook["cells"], strict=True))
        assert texts["total"]["source"] == ""
        assert texts["why_double"]["source"] == assignment.cells["why_double"].source

    def test_an_empty_notebook_gets_all_cells(self, assignment):
        empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        assert rebuilt(assignment, empty).owners == list(assignment.cells)

    def test_of_doubled_ids_the_last_counts(self, course, assignment):
        notebook = filled_in(course, {"double": "first = 1"})
        copy = json.loads(json.dumps(find_cell(notebook, "double")))
        copy["source"] = "second = 2"
        place = notebook["cells"].index(find_cell(notebook, "double"))
        notebook["cells"].insert(place + 1, copy)
        built = rebuilt(assignment, notebook)
        assert built.notebook["cells"][built.owners.index("double")]["source"] == "second = 2"
        assert built.owners[place] is None
        assert built.notebook["cells"][place]["metadata"] == {}
        assert built.notes == ["the cell `double` is there twice: the last one counts"]

    def test_metadata_and_outputs_of_the_students_cells_stay_out(self, course, assignment):
        notebook = filled_in(course, RIGHT)
        notebook["metadata"] = {"kernelspec": {"name": "bash"}, "widgets": {"x": 1}}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "evil"}]
            cell["metadata"]["evil"] = True
            cell["id"] = "same"
        built = rebuilt(assignment, notebook).notebook
        assert "evil" not in json.dumps(built)
        assert built["metadata"] == {"kernelspec": assignment.notebook["metadata"]["kernelspec"]}
        assert len({cell["id"] for cell in built["cells"]}) == len(built["cells"])


@pytest.mark.slow
def test_one_bad_submission_never_stops_the_others(tmp_path):
    course = make_course(tmp_path)
    hand_in(course, "right", RIGHT)
    hand_in(course, "renamed", {}, name="answers.ipynb")
    hand_in(course, "two", {}, name="a.ipynb")
    (hand_in(course, "broken", {})).write_text("{")
    path = hand_in(course, "linked", {})
    path.unlink()
    path.symlink_to("/etc/passwd")
    path = hand_in(course, "piped", {})
    path.unlink()
    os.mkfifo(path)
    shutil.copyfile(
        course.private / "submitted" / "two" / WEEK / "a.ipynb",
        course.private / "submitted" / "two" / WEEK / "b.ipynb",
    )
    with open(hand_in(course, "huge", {}), "wb") as file:
        file.truncate(200 * 2**20)
    hand_in(course, "Zoë O'Brien <b>\n", {}).unlink()

    def unlock(notebook):
        for name in ("test_double_values", "test_total_random"):
            find_cell(notebook, name)["source"] = "pass"
            find_cell(notebook, name)["metadata"]["tags"] = ["skip-execution"]
            find_cell(notebook, name)["metadata"]["nbgrader"]["points"] = 100
        notebook["cells"].remove(find_cell(notebook, "test_double_arrays"))

    hand_in(course, "unlocks", {}, change=unlock)
    records = {record.student: record for record in grade_week(course, course.weeks[0])}
    assert {student: record.status for student, record in records.items()} == {
        "right": "graded",
        "renamed": "graded",
        "unlocks": "graded",
        "two": "wrong_name",
        "broken": "unreadable",
        "linked": "symlink",
        "piped": "unreadable",
        "huge": "too_large",
        "Zoë O'Brien <b>\\x0a": "no_notebook",
    }
    assert read_records(course, course.weeks[0]) == [records[name] for name in sorted(records)]
    for student, record in records.items():
        assert record.points == (POINTS_RIGHT if student == "right" else 0)
        assert record.max_points == 8
        assert (record.problem is None) == (record.status == "graded")
        assert "\n" not in (record.problem or "")


DUE = datetime(2027, 3, 8, 23, 59, tzinfo=timezone(timedelta(hours=1)))  # 22:59 in UTC


@pytest.mark.parametrize(
    ("handed_in", "note"),
    [
        (None, None),
        (datetime(2027, 3, 8, 22, 59, 59), None),
        (datetime(2027, 3, 8, 23, 0), "handed in late by 1 minute"),
        (datetime(2027, 3, 9, 0, 4, 59), "handed in late by 1 hour 5 minutes"),
        (datetime(2027, 3, 10, 1, 59), "handed in late by 1 day 3 hours"),
        (datetime(2027, 3, 11, 22, 59), "handed in late by 3 days"),
    ],
)
def test_late_is_late_in_any_time_zone(handed_in, note):
    assert late_note(handed_in, DUE) == note
    assert late_note(handed_in, None) is None
