"""The demonstration class: who is in it, that each is graded as deserved, and what it leaves be."""

import contextlib
import io
import json
from pathlib import Path

import pytest
from class_of_records import assert_harmless
from typer.testing import CliRunner

from autograder.cli import build_app
from autograder.course import load_course
from autograder.demo import run as demo_run
from autograder.demo.members import CLASS, Member
from autograder.demo.run import Result, deserved_points, grade_class, make_class
from autograder.demo.stage import MARK, make_stage
from autograder.errors import CourseError
from autograder.lesson import read_lesson
from autograder.records import CellRecord, SubmissionRecord, TestRecord, read_records

REPOSITORY = Path(__file__).resolve().parents[2]
WEEK = "week01_perceptron"

# Out of 26 points by tests, added up by hand from what each member did.
TOTALS = {
    "amara_okafor": 26,
    "benedikt_huber": 26,
    "chiara_ferrari": 13,
    "daniyar_akhmetov": 19,
    "elif_yilmaz": 17,
    "farid_rahimi": 24,
    "grace_nakamura": 0,
    "hugo_lindqvist": 24,
    "ines_duarte": 25,
    "jaroslav_novak": 26,
    "kwame_mensah": 0,
    "linh_tran": 26,
    "mateus_silva": 24,
    "nadia_petrova": 2,
    "omar_haddad": 26,
}
MEMBERS = pytest.mark.parametrize("member", CLASS, ids=lambda member: member.folder)


def course_like_the_real_one(folder):
    """Make a course of links to the real one, with a private folder of its own."""
    for name in ("solutions", "notebooks", "helpers", "data", "tests"):
        (folder / name).symlink_to(REPOSITORY / name)
    for name in ("course.toml", "nbgrader_config.py", "requirements.lock"):
        (folder / name).write_bytes((REPOSITORY / name).read_bytes())
    return load_course(folder)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return course_like_the_real_one(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def week(course):
    return course.week(WEEK)


@pytest.fixture(scope="module")
def lesson(course, week):
    return read_lesson(week.source(course), week)


@pytest.fixture(scope="module")
def made(course, week, tmp_path_factory):
    """The class with its submissions, not graded: outcome and material."""
    return make_class(course, week, tmp_path_factory.mktemp("made") / "demo")


def as_deserved(member, lesson):
    """A record in which everything came out as it should."""
    deserved = deserved_points(member, lesson)
    points = {cell.grade_id: cell.points for e in lesson.exercises for cell in e.tests}
    return SubmissionRecord(
        week=WEEK,
        student=member.folder,
        engine="nbgrader",
        sandbox="bubblewrap",
        graded_at="2027-03-16T08:00:00Z",
        status=member.status,
        problem=None if member.status == "graded" else "what was wrong",
        notes=["a note", "another"],
        tests=[
            TestRecord(grade_id=name, points=got, max_points=points[name], passed=got > 0)
            for name, got in deserved.items()
        ],
        cells=[CellRecord(output=member.shows)],
    )


@pytest.fixture
def graded_by_hand(monkeypatch, lesson):
    """Puts deserved records in place of grading; gives what grading was asked for."""
    asked = []

    def grade_week(stage, week, *, students, progress, **options):
        asked.append({"students": students, **options})
        members = {member.folder: member for member in CLASS}
        records = [as_deserved(members[student], lesson) for student in students]
        for number, record in enumerate(records, start=1):
            progress(number, len(records), record)
        return records

    monkeypatch.setattr(demo_run, "grade_week", grade_week)
    monkeypatch.setattr("autograder.wall.require", lambda sandbox: None)
    return asked


@pytest.fixture
def run(course, monkeypatch):
    monkeypatch.chdir(course.root)
    return lambda *words: CliRunner().invoke(build_app(), ["demo", *words])


# The class as it is written down


def test_the_class_holds_every_kind_that_grading_must_bear():
    assert len(CLASS) >= 11
    assert len({member.folder for member in CLASS}) == len({m.name for m in CLASS}) == len(CLASS)
    kinds = " | ".join(member.what for member in CLASS)
    for kind in (
        "right", "written in another way", "half right", "wrong axis", "exception", "untouched",
        "syntax error", "endless loop", "10 MB", "broken JSON", "gradebook", "100 points",
    ):  # fmt: skip
        assert kind in kinds, kind


@MEMBERS
def test_failing_tests_are_named_as_the_lesson_names_them(member, lesson):
    names = {exercise.name for exercise in lesson.exercises}
    names |= {cell.grade_id for exercise in lesson.exercises for cell in exercise.tests}
    assert set(member.fails) <= names | {"everything"}


@MEMBERS
def test_deserved_points_add_up(member, lesson):
    assert sum(deserved_points(member, lesson).values()) == TOTALS[member.folder]


def test_right_ones_deserve_all_that_tests_give(lesson):
    assert sum(deserved_points(CLASS[0], lesson).values()) == sum(
        exercise.points for exercise in lesson.exercises
    )
    assert set(TOTALS) == {member.folder for member in CLASS}


# The submissions


@MEMBERS
def test_everybody_hands_in_one_file_where_nbgrader_looks(member, made, week):
    outcome, _ = made
    folder = outcome.stage.private / "submitted" / member.folder / WEEK
    (file,) = folder.iterdir()
    assert file.name == (member.file or "perceptron.ipynb")
    if member.status == "unreadable":
        with pytest.raises(json.JSONDecodeError):
            json.loads(file.read_bytes())
    else:
        assert json.loads(file.read_bytes())["nbformat"] == 4


@MEMBERS
def test_notebooks_are_made_the_same_every_time(member, made):
    _, material = made
    assert member.make(material) == member.make(material)


def test_no_submission_holds_a_hidden_test_or_a_solution_mark(made):
    outcome, _ = made
    for file in (outcome.stage.private / "submitted").rglob("*.ipynb"):
        text = file.read_text(encoding="utf-8")
        assert "HIDDEN TESTS" not in text
        assert "BEGIN SOLUTION" not in text


def test_other_right_answers_are_really_other_ones(made):
    _, material = made
    assert len(material.alternatives) == len(material.solution)
    assert all(material.alternatives[name] != text for name, text in material.solution.items())


def test_the_spy_would_find_plenty_without_a_wall(made):
    outcome, material = made
    spy = next(member for member in CLASS if member.folder == "omar_haddad")
    cells = json.loads(spy.make(material))["cells"]
    (looks,) = [cell["source"] for cell in cells if "looked in" in cell["source"]]
    for place in ("solutions", "gradebook.db", "submitted/amara_okafor"):
        assert str(outcome.stage.root) in looks
        assert place in looks
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(looks, {})
    assert int(said.getvalue().split("found ")[1].split()[0]) >= 3


def test_a_mistake_or_exercise_that_is_not_there_is_named(made):
    _, material = made
    with pytest.raises(CourseError, match="no planted mistake 'no such'"):
        material.with_mistake("roc_auc", "no such")
    with pytest.raises(CourseError, match="no exercise softmax"):
        material.notebook({"softmax": ""})


# The folder


def test_the_demo_is_a_course_of_its_own(made, course):
    outcome, _ = made
    stage = outcome.stage
    assert stage.private == stage.root / "private"
    assert stage.private.stat().st_mode & 0o077 == 0
    assert [week.folder for week in stage.weeks] == [WEEK]
    assert stage.weeks[0] == course.week(WEEK)
    assert (outcome.bundle / "perceptron.ipynb").is_file()
    assert not course.private.exists(), "nothing of the real course is touched"


def test_an_earlier_demo_is_replaced_and_nothing_else(course, week, tmp_path):
    target = tmp_path / "demo"
    stage = make_stage(course, week, target)
    (stage.root / "left over").write_text("")
    make_stage(course, week, target)
    assert not (target / "left over").exists()
    (target / MARK).unlink()
    for foreign in (target, course.root):
        with pytest.raises(CourseError, match="was not made by `course demo`"):
            make_stage(course, week, foreign)
    assert (target / "course.toml").is_file()
    assert (course.root / "course.toml").is_file()


def test_the_real_helpers_survive_a_second_run(course, week, tmp_path):
    for _ in range(2):
        stage = make_stage(course, week, tmp_path / "demo")
    assert (stage.root / "helpers").is_symlink()
    assert (REPOSITORY / "helpers" / "checks").is_dir()


# The comparison


@MEMBERS
def test_any_other_point_status_or_silence_is_a_difference(member, lesson):
    deserved = deserved_points(member, lesson)
    record = as_deserved(member, lesson)
    assert Result(member, record, deserved).differences == []
    assert Result(member, record.model_copy(update={"status": "failed"}), deserved).differences
    for number in range(len(record.tests)):
        changed = record.model_copy(deep=True)
        changed.tests[number].points += 1
        assert len(Result(member, changed, deserved).differences) == 1
        del changed.tests[number]
        lost = deserved[record.tests[number].grade_id] > 0
        assert len(Result(member, changed, deserved).differences) == lost
    if member.shows:
        silent = record.model_copy(update={"cells": []})
        assert "nowhere does it say" in Result(member, silent, deserved).differences[0]


def test_a_point_for_a_test_that_does_not_exist_is_a_difference(lesson):
    member = CLASS[0]
    record = as_deserved(member, lesson)
    record.tests.append(TestRecord(grade_id="made_up", points=100, max_points=100, passed=True))
    differences = Result(member, record, deserved_points(member, lesson)).differences
    assert differences == ["made_up: 100 points, deserved 0"]


# The command


def test_the_command_shows_everybody_and_says_where_things_are(run, graded_by_hand, tmp_path):
    result = run("--target", str(tmp_path / "demo"), "--workers", "3")
    assert result.exit_code == 0, result.output
    for member in CLASS:
        assert member.name in result.stdout
    assert "All 15 got the points they deserve" in result.stdout
    assert str(tmp_path / "demo" / "private" / "reports" / f"{WEEK}.html") in result.stdout
    assert f"and 14 more in {tmp_path / 'demo' / 'private' / 'feedback'}" in result.stdout
    assert graded_by_hand[0]["workers"] == 3
    assert graded_by_hand[0]["sandbox"] == "bubblewrap"


def test_the_command_gives_the_facts_as_json(run, graded_by_hand, tmp_path):
    facts = json.loads(run("--target", str(tmp_path / "demo"), "--json").stdout)
    assert facts["as_deserved"] is True
    assert set(facts["students"]) == set(TOTALS)
    assert sum(facts["students"]["elif_yilmaz"]["points"].values()) == TOTALS["elif_yilmaz"]


def test_a_wrong_point_makes_the_command_fail(run, graded_by_hand, tmp_path, monkeypatch):
    truth = demo_run.grade_week

    def grade_week(*arguments, **options):
        records = truth(*arguments, **options)
        records[0].tests[0].points = 0
        return records

    monkeypatch.setattr(demo_run, "grade_week", grade_week)
    result = run("--target", str(tmp_path / "demo"))
    assert result.exit_code == 1
    assert "Amara Okafor: test_perceptron_criterion_values: 0 points, deserved 1" in result.stdout
    assert "All 15" not in result.stdout


def test_without_a_wall_nothing_is_run_and_the_cure_is_said(run, tmp_path, monkeypatch):
    def grade_week(*arguments, **options):
        raise AssertionError("student code must not run unconfined")

    refused = {"namespaces": "the kernel refuses", "landlock": "an old kernel"}
    monkeypatch.setattr("autograder.engines.judge.engine.available_walls", lambda: refused)
    monkeypatch.setattr(demo_run, "grade_week", grade_week)
    result = run("--target", str(tmp_path / "demo"))
    assert result.exit_code == 1
    assert "No wall can be built" in result.stderr
    assert "the kernel refuses" in " ".join(result.stderr.split())
    assert "course doctor" in result.stderr
    assert len(list((tmp_path / "demo" / "private" / "submitted").iterdir())) == len(CLASS)


def test_hostile_members_are_left_out_where_no_wall_is_wanted(run, graded_by_hand, tmp_path):
    result = run("--target", str(tmp_path / "demo"), "--sandbox", "none")
    hostile = {member.folder for member in CLASS if member.hostile}
    assert {"omar_haddad", "mateus_silva"} <= hostile
    assert hostile.isdisjoint(graded_by_hand[0]["students"])
    assert "Left out, as there is no wall: Omar Haddad" in result.stdout
    assert result.exit_code == 0


def test_another_kind_of_sandbox_is_refused(run):
    result = run("--sandbox", "paper")
    assert isinstance(result.exception, CourseError)


def test_no_member_is_no_success(made):
    outcome, _ = made
    assert not outcome.as_deserved


# The real thing, once


@pytest.fixture(scope="module")
def graded(course, week, lesson, tmp_path_factory):
    """The whole class, graded behind the wall: the outcome, and results by folder."""
    outcome, _ = make_class(course, week, tmp_path_factory.mktemp("graded") / "demo")
    steps = []
    grade_class(outcome, week, lesson, workers=2, progress=lambda *step: steps.append(step))
    assert steps[-1] == (len(CLASS), len(CLASS))
    return outcome, {result.member.folder: result for result in outcome.results}


@pytest.mark.slow
@MEMBERS
def test_every_test_gives_the_points_deserved(member: Member, graded, lesson):
    record = graded[1][member.folder].record
    found = {test.grade_id: test.points for test in record.tests}
    assert found == deserved_points(member, lesson)
    assert graded[1][member.folder].differences == []
    assert sum(found.values()) == TOTALS[member.folder]


@pytest.mark.slow
def test_the_pages_of_the_class_are_harmless_and_small(graded):
    outcome, results = graded
    assert set(outcome.feedback) == set(results)
    for path in outcome.feedback.values():
        assert path.stat().st_size < 300_000
        assert_harmless(path.read_text(encoding="utf-8"))
    page = assert_harmless(outcome.report.read_text(encoding="utf-8"))
    assert "15 submissions" in page.text
    assert "Kwame" not in page.text, "the report names students as the folders do"
    assert "kwame_mensah" in page.text


@pytest.mark.slow
def test_no_hidden_test_shows_in_any_feedback(graded, lesson):
    outcome, _ = graded
    hidden = {
        line.strip()
        for cell in lesson.cells
        for line in cell.hidden_source.splitlines()
        if len(line.strip()) > 30
    }
    assert len(hidden) > 30
    for path in outcome.feedback.values():
        text = assert_harmless(path.read_text(encoding="utf-8")).text
        assert not [line for line in hidden if line in text]


@pytest.mark.slow
def test_records_lie_in_the_demo_and_the_real_course_is_untouched(graded, course, week):
    outcome, _ = graded
    assert len(read_records(outcome.stage, week)) == len(CLASS)
    assert not course.private.exists()


def test_the_private_folder_is_nobody_elses_even_if_the_demo_makes_it(course, week):
    make_stage(course, week, course.private / "demo")
    assert course.private.stat().st_mode & 0o077 == 0
