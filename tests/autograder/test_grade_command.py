"""`course grade` and `course release` at the keyboard."""

import functools
import json

import pytest
from graded_course import RIGHT, WEEK, hand_in, make_course
from typer.testing import CliRunner

from autograder import grading
from autograder.cli import build_app
from autograder.course import load_course
from autograder.engines import CellFinding, Findings
from autograder.errors import CourseError
from autograder.records import read_records
from autograder.wall import require

grade_week = functools.partial(grading.grade_week, engine="nbgrader")


class StandIn:
    """An engine that runs nothing: every test passes, and each notebook is remembered."""

    name = "nbgrader"
    warning = "A stand-in."

    def __init__(self, answer=None):
        self.graded = []
        self.answer = answer or self.passes

    def wall(self, sandbox):
        require(sandbox)
        return sandbox

    def prepare(self, course, assignment, sandbox):
        self.assignment = assignment
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def grade(self, notebook, stop):
        self.graded.append(notebook)
        return self.answer(notebook)

    def passes(self, notebook):
        scores = {test.grade_id: test.points for test in self.assignment.tests}
        cells = [CellFinding(cell=index) for index in range(len(notebook["cells"]))]
        return Findings(scores=scores, cells=cells)


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return make_course(tmp_path, gradebook=True)


@pytest.fixture
def engine(monkeypatch):
    def put(answer=None):
        engine = StandIn(answer)
        monkeypatch.setattr(grading, "find_engine", lambda name: engine)
        return engine

    return put


def run(*arguments):
    return CliRunner().invoke(build_app(), arguments)


class TestGradeWeek:
    def test_an_interrupted_run_goes_on_where_it_was(self, course, engine):
        stand_in = engine()
        for student in ("ada", "bob", "cyd"):
            hand_in(course, student, RIGHT)

        def interrupt(done, total, record):
            if done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            grade_week(course, course.weeks[0], workers=1, progress=interrupt)
        kept = read_records(course, course.weeks[0])
        assert [record.student for record in kept] == ["ada", "bob"]
        graded_before = len(stand_in.graded)
        records = grade_week(course, course.weeks[0], workers=1)
        assert len(stand_in.graded) == graded_before + 1
        assert [record.student for record in records] == ["ada", "bob", "cyd"]
        assert records[:2] == kept

    def test_force_grades_all_again(self, course, engine):
        stand_in = engine()
        hand_in(course, "ada", RIGHT)
        grade_week(course, course.weeks[0])
        grade_week(course, course.weeks[0])
        assert len(stand_in.graded) == 1
        grade_week(course, course.weeks[0], force=True)
        assert len(stand_in.graded) == 2

    def test_a_changed_week_is_graded_again(self, course, engine):
        stand_in = engine()
        hand_in(course, "ada", RIGHT)
        grade_week(course, course.weeks[0])
        solution = course.weeks[0].solution(course)
        solution.write_text(solution.read_text().replace("each row has", "every row has"))
        grade_week(course, course.weeks[0])
        assert len(stand_in.graded) == 2

    @pytest.mark.parametrize("score", [1e9, -5.0, None])
    def test_points_stay_between_nothing_and_all(self, course, engine, score):
        stand_in = engine(lambda notebook: forged(notebook))

        def forged(notebook):
            findings = stand_in.passes(notebook)
            scores = dict.fromkeys(findings.scores, score) | {"invented": 50.0, "why_double": 2.0}
            return findings.model_copy(update={"scores": scores})

        hand_in(course, "ada", RIGHT)
        (record,) = grade_week(course, course.weeks[0])
        assert record.points == (6 if score == 1e9 else 0)
        assert record.max_points == 8
        assert [test.grade_id for test in record.tests] == [
            "test_double_values",
            "test_double_arrays",
            "test_total_rows",
            "test_total_random",
        ]
        assert record.written[0].points is None

    def test_findings_about_cells_that_do_not_exist_are_left_out(self, course, engine):
        stand_in = engine(lambda notebook: forged(notebook))

        def forged(notebook):
            findings = stand_in.passes(notebook)
            frame = {"cell": 999, "line": 10**9}
            extra = {"error": "E", "message": "m", "frames": [frame]}
            strange = [CellFinding(cell=n, **extra) for n in (-1, 10**6)]
            bad = [cell.model_copy(update={"error": "E"}) for cell in findings.cells]
            if "forged" not in json.dumps(notebook):
                return findings
            return findings.model_copy(update={"cells": [*bad, *strange]})

        hand_in(course, "ada", {**RIGHT, "double": "# forged"})
        hand_in(course, "bob", RIGHT)
        ada, bob = grade_week(course, course.weeks[0])
        assert [cell.grade_id for cell in ada.cells] == [cell.grade_id for cell in bob.cells]
        assert not any(test.passed for test in ada.tests)
        assert all(test.passed for test in bob.tests)

    def test_a_fault_of_the_grader_costs_one_submission_only(self, course, engine):
        stand_in = engine(lambda notebook: faulty(notebook))

        def faulty(notebook):
            if "fault" in json.dumps(notebook):
                raise ZeroDivisionError("a\nb")
            return stand_in.passes(notebook)

        hand_in(course, "ada", {**RIGHT, "double": "# fault"})
        hand_in(course, "bob", RIGHT)
        ada, bob = grade_week(course, course.weeks[0], workers=1)
        assert (ada.status, ada.points) == ("failed", 0)
        assert ada.problem == "the grader itself failed: ZeroDivisionError: a b"
        assert (bob.status, bob.points) == ("graded", 6)


class TestCommand:
    def test_facts_as_json_and_exit_code(self, course, engine):
        engine()
        hand_in(course, "ada", RIGHT)
        result = run("grade", "1", "--json")
        assert result.exit_code == 0
        (record,) = json.loads(result.stdout)
        assert (record["student"], record["status"]) == ("ada", "graded")
        hand_in(course, "bob", RIGHT).write_text("{")
        assert run("grade", "--json").exit_code == 1

    def test_the_table_names_problems(self, course, engine):
        engine()
        hand_in(course, "ada", RIGHT)
        hand_in(course, "bob [red]", RIGHT).write_text("{")
        result = run("grade", "week01")
        assert result.exit_code == 1
        assert "6 / 8" in result.stdout
        assert "bob [red]" in result.stdout

    def test_nothing_handed_in_is_said(self, course, engine):
        engine()
        result = run("grade")
        assert result.exit_code == 0
        assert result.stdout == (
            f"Nothing was handed in. Submissions lie in {course.private}/submitted/STUDENT/WEEK/"
            "NAME.ipynb.\n"
        )

    def test_no_name_is_cut_and_nothing_is_wrapped_in_a_file(self, course, engine):
        engine()
        name = "a_name_of_forty_characters_and_not_fewer"
        path = hand_in(course, name, RIGHT)
        path.rename(path.with_name("small (1).ipynb"))
        (path.parent / "timestamp.txt").write_text("2027-03-09 23:59:30 UTC")
        lines = [line.split() for line in run("grade", "1").stdout.splitlines() if name in line]
        late = "handed in late by 1 day; handed in as small (1).ipynb, not small.ipynb: graded all"
        assert lines == [[name, "6", "/", "8", "4", "/", "4", *late.split(), "the", "same"]]

    def test_what_waits_for_people_is_said_once(self, course, engine):
        engine()
        for student in ("ada", "bob"):
            hand_in(course, student, RIGHT)
        words = "Written answers of 2 students wait for a mark: formgrader, in `course lab`."
        assert run("grade").stdout.count(words) == 1

    def test_a_moved_date_makes_a_submission_late_without_grading_it_again(self, course, engine):
        stand_in = engine()
        path = hand_in(course, "ada", RIGHT)
        (path.parent / "timestamp.txt").write_text("2027-03-08 20:00:00 UTC")
        assert grade_week(course, course.weeks[0])[0].notes == []
        syllabus = course.root / "course.toml"
        text = syllabus.read_text()
        for date, notes in (("07", ["handed in late by 20 hours 1 minute"]), ("09", [])):
            syllabus.write_text(text.replace("2027-03-08", f"2027-03-{date}"))
            moved = load_course(course.root)
            assert grade_week(moved, moved.weeks[0])[0].notes == notes
            assert read_records(moved, moved.weeks[0])[0].notes == notes
        assert len(stand_in.graded) == 1

    def test_a_student_is_graded_in_the_weeks_that_there_are(self, course, engine):
        stand_in = engine()
        syllabus = course.root / "course.toml"
        week = syllabus.read_text().split("[[week]]")[1].replace("01_small", "00_early")
        syllabus.write_text(f"{syllabus.read_text()}\n[[week]]{week}")
        (course.root / "solutions" / "week00_early").mkdir()
        hand_in(course, "ada", RIGHT)
        (course.private / "submitted" / "bob" / "week00_early").mkdir(parents=True)
        done = run("grade", "--student", "ada", "--json")
        assert [record["student"] for record in json.loads(done.stdout)] == ["ada"]
        assert len(stand_in.graded) == 1
        nobody = run("grade", "--student", "ada", "--student", "nobody")
        assert nobody.exception.message == "nobody handed in nothing."

    def test_the_start_says_what_shares_a_process(self, course):
        result = run("grade", "1")
        assert "tests run in a process of their own" in " ".join(result.stderr.split()).lower()
        result = run("grade", "1", "--engine", "nbgrader")
        assert "share a process" in " ".join(result.stderr.split())

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--engine", "magic"), "no engine 'magic'"),
            (("--sandbox", "docker"), "no sandbox 'docker'"),
            (("--student", "nobody"), "nobody handed in nothing"),
            (("week77",), "no week 'week77'"),
        ],
    )
    def test_wrong_arguments_are_named(self, course, arguments, message):
        hand_in(course, "ada", RIGHT)
        result = run("grade", *(arguments if arguments == ("week77",) else ("1", *arguments)))
        assert isinstance(result.exception, CourseError)
        assert message in result.exception.message

    def test_without_a_wall_it_refuses_unless_told(self, course, engine, monkeypatch):
        engine()
        hand_in(course, "ada", RIGHT)
        monkeypatch.setenv("PATH", "/nowhere")
        result = run("grade", "1")
        assert isinstance(result.exception, CourseError)
        assert "bubblewrap" in result.exception.message
        told = run("grade", "1", "--sandbox", "none")
        assert told.exit_code == 0
        assert "No wall" in told.stderr


def test_release_makes_folder_and_zip(course):
    result = run("release", "1", "--to", "out", "--json")
    assert result.exit_code == 0
    (made,) = json.loads(result.stdout)
    assert made["week"] == WEEK
    assert (course.root / "out" / WEEK / "requirements.txt").is_file()
    assert (course.root / "out" / f"{WEEK}.zip").is_file()


def test_release_writes_into_the_course_wherever_it_is_called(course, monkeypatch):
    monkeypatch.chdir(course.root / "solutions")
    (made,) = json.loads(run("release", "1", "--json").stdout)
    assert made["folder"] == str(course.root / "build" / "release" / WEEK)
    assert not (course.root / "solutions" / "build").exists()


def test_release_says_that_a_notebook_is_older_than_its_source(course):
    said = run("release", "1", "--to", "out").stderr
    assert f"solutions/{WEEK}/small.ipynb is stale" in said
    assert f"run `course build {WEEK}`" in said
