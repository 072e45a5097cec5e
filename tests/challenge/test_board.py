"""From what was handed in to the board: scores, the journal, pseudonyms, pages."""

import html
import json
import os
import re

import numpy as np
import pytest
from onnx_files import model
from small_challenge import hand_in, knowing, make_course
from typer.testing import CliRunner

from autograder.challenge import evaluation, journal
from autograder.challenge.board import board_path, result_path, write_result
from autograder.challenge.evaluation import score_class, score_file
from autograder.challenge.hidden import draw_hidden_set
from autograder.challenge.journal import Event, journal_path, read_journal
from autograder.challenge.scoring import score
from autograder.challenge.standing import pseudonym_key, pseudonyms, standings
from autograder.cli import build_app
from autograder.errors import CourseError
from autograder.pages import content_security_policy


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture
def hidden(course):
    return draw_hidden_set(course)


def all_pictures(hidden):
    public, private = hidden.halves["public"], hidden.halves["private"]
    return (
        np.concatenate([public.labels, private.labels]),
        np.concatenate([public.images, private.images]),
    )


def course_command(monkeypatch, course, *arguments: str):
    monkeypatch.chdir(course.root)
    return CliRunner().invoke(build_app(), ["challenge", *arguments])


def event(student: str, right: float, hidden: str = "h", number: int = 0, **more) -> Event:
    labels = np.arange(1000) % 4
    predicted = np.where(np.arange(1000) < round(1000 * right), labels, (labels + 1) % 4)
    half = score(labels, predicted, 4)
    values = {"public": half, "private": half, "kind": "model", "sha256": f"{number:064x}"}
    return Event(
        hidden=hidden,
        student=student,
        at=f"2027-07-01T00:{number:02}:00+00:00",
        wall="none",
        **{**values, **more},
    )


def test_a_class_from_files_to_marks_and_pages(course, hidden, monkeypatch):
    labels, images = all_pictures(hidden)
    public, private = hidden.halves["public"], hidden.halves["private"]
    # right for the whole public half and a part of the private one: the two are told apart
    hand_in(course, "zoe", knowing(labels, images, (120 + 40) / 200))
    hand_in(course, "max", knowing(labels, images, 0.3))
    known = public.labels.copy()
    known[:12] = (known[:12] + 1) % 4
    path = hand_in(course, "guesser", b"", "predictions.npz")
    np.savez(path, predictions=known)
    hand_in(course, "<b>broken\x1b[31m", b"nothing")
    (course.private / "submitted" / "empty" / "challenge").mkdir(parents=True)
    other = course.private / "submitted" / "linked" / "challenge"
    other.mkdir(parents=True)
    (other / "model.onnx").symlink_to(hand_in(course, "zoe2", model().SerializeToString()))

    run = course_command(monkeypatch, course, "score", "--json")
    assert run.exit_code == 1  # some were refused
    facts = {one["student"]: one for one in json.loads(run.stdout)}
    assert facts["zoe"]["public"]["accuracy"] == 1
    assert facts["zoe"]["private"]["accuracy"] == 0.5
    assert facts["zoe"]["mark"] == "not passed"
    assert facts["max"]["public"]["accuracy"] == 0.5
    assert facts["guesser"]["public"]["accuracy"] == pytest.approx(0.9)
    assert facts["guesser"]["private"] is None
    assert facts["guesser"]["mark"] is None
    assert "not ONNX" in facts["<b>broken\\x1b[31m"]["problem"]
    assert "neither" in facts["empty"]["problem"]
    assert "is a link" in facts["linked"]["problem"]
    assert private.labels.shape == (80,)

    run = course_command(monkeypatch, course, "board", "--json", "--names", "--final")
    rows = {row["student"]: row for row in json.loads(run.stdout)["rows"]}
    assert list(rows)[:3] == ["zoe", "guesser", "max"]
    assert (rows["zoe"]["public"], rows["zoe"]["private"]) == (1, 0.5)
    page = board_path(course).read_text()
    result = result_path(course, "zoe").read_text()
    assert content_security_policy() in html.unescape(page)
    assert "Confusion matrix of 80 pictures, 50.0 % on the diagonal" in result
    broken = result_path(course, "<b>broken\\x1b[31m").read_text()
    assert "<b>broken" not in broken
    assert "could not be scored" in broken


def test_the_board_names_nobody_and_keeps_the_private_half_until_the_end(
    course, hidden, monkeypatch
):
    hand_in(course, "maximiliana", model().SerializeToString())
    score_class(course)
    assert course_command(monkeypatch, course, "board").exit_code == 0
    page = board_path(course).read_text()
    assert "maximiliana" not in page
    name = pseudonyms(["maximiliana"], pseudonym_key(course))["maximiliana"]
    assert name in page
    assert "not passed" not in page
    assert "Macro F1" not in page
    course_command(monkeypatch, course, "board", "--final")
    assert "not passed" in board_path(course).read_text()


def test_the_board_shows_the_ladder(course):
    rights = [0.50, 0.505, 0.56, 0.52, 0.565, 0.576]
    events = [event("a", right, number=n) for n, right in enumerate(rights)]
    shown = [
        standings(events[: n + 1], course.challenge, b"k")[0].shown for n in range(len(events))
    ]
    assert shown == pytest.approx([0.5, 0.5, 0.56, 0.56, 0.56, 0.58])  # 57.6 is rounded
    (row,) = standings(events, course.challenge, b"k")
    assert (row.submissions, row.since[11:16]) == (6, "00:05")


def test_the_last_model_that_could_be_run_has_the_mark(course):
    refused = {"public": None, "private": None, "problem": "broken"}
    events = [
        event("a", 0.95, number=1),
        event("a", 0.85, number=2),
        event("a", 0.99, number=3, private=None, kind="predictions"),
        event("a", 0.0, number=4, **refused),
    ]
    (row,) = standings(events, course.challenge, b"k")
    assert row.private is not None
    assert (row.private.accuracy, row.mark) == (0.85, "good")
    assert row.shown == pytest.approx(0.99)


def test_of_equals_who_was_first_stands_first(course):
    events = [event("b", 0.7, number=1), event("a", 0.7, number=2), event("c", 0.9, number=3)]
    assert [row.student for row in standings(events, course.challenge, b"k")] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("accuracy", "mark"),
    [
        (0.0, "not passed"),
        (0.5999, "not passed"),
        (0.6, "pass"),
        (0.7999, "pass"),
        (0.8, "good"),
        (0.92, "excellent"),
        (1.0, "excellent"),
        (1 - 0.4, "pass"),
        (0.1 + 0.7, "good"),
    ],
)
def test_marks(course, accuracy, mark):
    assert course.challenge.thresholds.mark(accuracy) == mark


def test_pseudonyms_are_stable_different_and_need_the_key():
    students = [f"student{number}" for number in range(2000)]
    names = pseudonyms(students, b"key")
    assert len(set(names.values())) == 2000
    assert all(re.fullmatch(r"[a-z]+ [a-z]+ \d{4,}", name) for name in names.values())
    some = pseudonyms(students[::7], b"key")
    assert sum(some[student] != names[student] for student in some) <= 2  # but for collisions
    assert pseudonyms(students, b"other") != names


def test_the_key_is_made_once_and_is_secret(course):
    key = pseudonym_key(course)
    assert len(key) == 32
    assert pseudonym_key(course) == key
    path = course.private / "challenge" / "pseudonyms.key"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_is_run_once_for_each_hidden_set(course, hidden, monkeypatch):
    hand_in(course, "ada", model().SerializeToString())
    runs = []
    whole = evaluation.run_model
    monkeypatch.setattr(evaluation, "run_model", lambda *a: (runs.append(1), whole(*a))[1])
    first = score_class(course)
    again = score_class(course)
    assert len(runs) == 1
    assert first[0].public == again[0].public
    assert len(read_journal(course, hidden.name)) == 1
    score_class(course, force=True)
    assert len(runs) == 2
    other = draw_hidden_set(course, again=True)
    score_class(course)
    assert len(runs) == 3
    assert len(read_journal(course, other.name)) == 1


def test_handing_in_an_old_file_again_makes_it_the_current_one(course, hidden):
    labels, images = all_pictures(hidden)
    good, bad = knowing(labels, images, 1.0), knowing(labels, images, 0.6)
    for content in (good, bad, good, bad):
        hand_in(course, "ada", content)
        score_class(course)
    events = read_journal(course, hidden.name)
    assert [one.public.accuracy for one in events] == [1, 1, 1, 1]
    (row,) = standings(events, course.challenge, b"k")
    assert (row.submissions, row.private.accuracy) == (2, 0.0)


def test_one_file_is_scored_without_a_trace(course, hidden, monkeypatch, tmp_path):
    path = tmp_path / "mine.onnx"
    path.write_bytes(model().SerializeToString())
    found = score_file(course, path)
    assert found.public is not None
    assert not journal_path(course).exists()
    run = course_command(monkeypatch, course, "score", str(path))
    assert run.exit_code == 0
    assert "not passed" in run.stdout


def test_a_killed_run_loses_nothing_that_was_written(course):
    lines = [event("a", 0.5, number=n).model_dump_json().encode() + b"\n" for n in range(3)]
    path = journal_path(course)
    path.parent.mkdir(parents=True)
    whole = b"".join(lines)
    for cut in range(len(whole) - len(lines[2]), len(whole) + 1, 97):
        path.write_bytes(whole[:cut])
        complete = whole[:cut].count(b"\n")
        assert len(read_journal(course, "h")) == complete
        with journal.journal(course) as book:
            book.add(event("b", 0.7, number=9))
        events = read_journal(course, "h")
        assert [one.student for one in events] == ["a"] * complete + ["b"]


def test_a_damaged_line_is_named(course):
    path = journal_path(course)
    path.parent.mkdir(parents=True)
    good = event("a", 0.5).model_dump_json()
    path.write_text(f"{good}\n{{broken\n{good}\n")
    with pytest.raises(CourseError, match="line 2"):
        read_journal(course, "h")


def test_a_full_disk_leaves_no_half_line(course, monkeypatch):
    with journal.journal(course) as book:
        book.add(event("a", 0.5))
        write = os.write

        def full(file, data):
            if len(data) > 50:
                return write(file, data[:50])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(journal.os, "write", full)
        with pytest.raises(OSError, match="No space left") as caught:
            book.add(event("b", 0.5))
        assert caught.value.filename == str(journal_path(course))
    monkeypatch.undo()
    assert [one.student for one in read_journal(course, "h")] == ["a"]


def test_two_runs_at_once_are_refused(course, hidden):
    with journal.journal(course), pytest.raises(CourseError, match="at work"):
        score_class(course)


def test_nothing_handed_in_makes_an_empty_board(course, hidden, monkeypatch):
    run = course_command(monkeypatch, course, "board")
    assert run.exit_code == 0
    assert "Nothing has been handed in yet" in board_path(course).read_text()


def test_an_unknown_student_is_an_error(course, hidden):
    hand_in(course, "ada", model().SerializeToString())
    with pytest.raises(CourseError, match="bob handed nothing in"):
        score_class(course, students=["bob"])


def test_a_result_page_of_a_long_odd_name(course):
    name = "ü" * 150
    path = write_result(course, event(name, 0.5))
    assert len(os.fsencode(path.name)) < 255
    assert path.is_file()


def test_the_private_score_never_stands_on_the_open_board(course, monkeypatch):
    labels = np.arange(1000) % 4
    private = score(labels, np.where(np.arange(1000) < 777, labels, (labels + 1) % 4), 4)
    draw = draw_hidden_set(course)
    with journal.journal(course) as book:
        book.add(event("a", 0.5, hidden=draw.name, private=private))
    run = course_command(monkeypatch, course, "board", "--json")
    assert "0.777" not in run.stdout
    assert "77.7" not in board_path(course).read_text()


def test_baselines_are_those_of_the_repository(course, monkeypatch, tmp_path):
    run = course_command(monkeypatch, course, "baseline")
    assert isinstance(run.exception, CourseError)
    assert "challenge_baselines.py is missing" in run.exception.message
    script = course.root / "benchmarks" / "challenge_baselines.py"
    script.parent.mkdir()
    script.write_text(
        "import pathlib, sys; pathlib.Path('said').write_text(' '.join(sys.argv[1:]))"
    )
    monkeypatch.chdir(tmp_path)
    options = ["--recipe", "linear", "--seeds", "2", "--pictures", "5000", "--json", "out.json"]
    run = course_command(monkeypatch, course, "baseline", *options)
    assert run.exit_code == 0
    said = (course.root / "said").read_text()
    assert said == f"--recipe linear --seeds 2 --pictures 5000 --json {course.root / 'out.json'}"
