"""A submission's whole way through the judge: the reference engine's tests, and harder ones."""

import functools

import pytest
import test_engine_reference as reference
from graded_course import HIDDEN_LINES, RIGHT, WEEK, hand_in, make_course

from autograder.grading import grade_week

course, honest, hostile = reference.course, reference.honest, reference.hostile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def judge_grades():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "grade_week", functools.partial(grade_week, engine="judge"))
        yield


class TestHonest(reference.TestHonest):
    """All that holds for the reference engine holds here."""


class TestHostile:
    def test_the_attacked_exercise_earns_nothing_and_the_other_all(self, hostile):
        for student, record in hostile.items():
            assert record.status == "graded", (student, record.problem)
            assert list(reference.scores(record).values()) == [0, 0, 1, 2], student

    def test_nothing_outside_is_read_reached_or_written(self, hostile):
        for student in ("reader", "network", "writer", "disk_bomb"):
            text = reference.output(hostile[student])
            assert "->" in text
            for word in ("LEAKED", "CONNECTED", "OPENED", "MADE", "ROOT"):
                assert word not in text, (student, text)

    def test_of_five_secret_places_none_is_there(self, hostile):
        lines = reference.output(hostile["reader"]).splitlines()
        assert [line.split("-> ")[1].split()[0] for line in lines[:5]] == ["refused"] * 5

    def test_output_is_bounded(self, hostile):
        assert all(len(reference.output(record)) < 30_000 for record in hostile.values())

    def test_nothing_is_left_running(self, hostile, left_running):
        assert hostile
        assert left_running() == []


def test_hidden_inputs_are_in_no_record(tmp_path):
    course = make_course(tmp_path)
    teller = "def total(x):\n    print(x)\n    raise ValueError(f'{x.tolist()} {x.sum(-1)}')"
    keeper = "kept = []\ndef total(x):\n    kept.append(x)\n    return x.sum(axis=0)"
    hand_in(course, "teller", {**RIGHT, "total": teller})
    hand_in(course, "keeper", {**RIGHT, "total": keeper})
    grade_week(course, course.weeks[0], engine="judge")
    for path in (course.private / "records" / WEEK).glob("*.json"):
        text = path.read_text()
        assert "0.625" not in text
        assert all(line not in text for line in HIDDEN_LINES)
