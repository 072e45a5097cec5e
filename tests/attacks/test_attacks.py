"""Hostile submissions, graded as one class: no undeserved point, no harm, no leak, no delay."""

import hashlib
import json
import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import week00
import week00_more
import week01
from attack import Attack, hand_in, hidden_lines

from autograder.course import load_course
from autograder.grading import grade_week

ROOT = Path(__file__).parents[2]
SECRET = "canary-4711-in-the-cage"
ATTACKS = {"week00": week00.ATTACKS + week00_more.ATTACKS, "week01": week01.ATTACKS}
HONEST = {"week00": 22.0, "week01": 26.0}
ENGINE = os.environ.get("ATTACKED_ENGINE", "judge")
TEST_POINTS = 1e-9

pytestmark = pytest.mark.slow


def checksums() -> dict[str, str]:
    """Sum up what no submission may change."""
    folders = ("helpers", "solutions", "notebooks", "data")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if "__pycache__" not in path.parts
    }


class Listener:
    """A server on this machine that no submission should reach."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.callers: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, caller = self.socket.accept()
            except OSError:
                return
            self.callers.append(str(caller))
            connection.close()


class Graded:
    """A class that was attacked, and what is left."""

    def __init__(self, name: str, tmp: Path) -> None:
        limits = {"seconds_per_cell": 3, "seconds_per_notebook": 60, "memory_mb": 800}
        course = load_course(ROOT)
        self.course = course.model_copy(
            update={
                "private": tmp / "private",
                "limits": course.limits.model_copy(update=limits),
            }
        )
        self.week = self.course.week(name)
        self.canary = tmp / "open" / "canary.txt"
        self.canary.parent.mkdir()
        self.canary.write_text(SECRET)
        for path in (tmp, self.canary.parent, self.canary):
            path.chmod(0o777)
        self.listener = Listener()
        other = self.course.private / "submitted" / "aa-honest" / self.week.folder
        self.places = {
            "CANARY": str(self.canary),
            "ROOT": str(ROOT),
            "PRIVATE": str(self.course.private),
            "OTHER": str(other / f"{self.week.name}.ipynb"),
            "SITE": str(Path(pytest.__file__).parents[1]),
            "PORT": str(self.listener.port),
            "PID": str(os.getpid()),
            "SCRATCH": str(tmp),
        }
        for honest in ("aa-honest", "zz-honest"):
            folder = self.course.private / "submitted" / honest / self.week.folder
            folder.mkdir(parents=True)
            shutil.copy(self.week.solution(self.course), folder / f"{self.week.name}.ipynb")
        for attack in ATTACKS[name]:
            hand_in(self.course, self.week, attack, self.places)
        before = checksums()
        os.environ["SECRET"] = SECRET
        began = time.monotonic()
        records = grade_week(self.course, self.week, engine=ENGINE, workers=2)
        self.seconds = time.monotonic() - began
        self.records = {record.student: record for record in records}
        self.changed = {path for path, value in checksums().items() if before.get(path) != value}
        self.hidden = hidden_lines(json.loads(self.week.solution(self.course).read_text()))


def entries() -> list:
    return [
        pytest.param(name, attack, id=f"{name}-{attack.name}")
        for name, attacks in ATTACKS.items()
        for attack in attacks
    ]


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    made: dict[str, Graded] = {}

    def find(name: str) -> Graded:
        if name not in made:
            made[name] = Graded(name, tmp_path_factory.mktemp(name))
        return made[name]

    return find


@pytest.mark.parametrize(("name", "attack"), entries())
def test_it_gets_what_it_deserves(classes, name: str, attack: Attack):
    graded = classes(name)
    record = graded.records[attack.name]
    got = {test.grade_id: test.points for test in record.tests if test.points}
    tests = [(test.grade_id, test.error, test.message[:200]) for test in record.tests]
    assert record.points == pytest.approx(attack.deserves, abs=TEST_POINTS), (got, tests)
    assert record.status == attack.status, record.problem


@pytest.mark.parametrize(("name", "attack"), entries())
def test_it_learns_nothing_and_tells_nothing(classes, name: str, attack: Attack):
    graded = classes(name)
    text = graded.records[attack.name].model_dump_json()
    plain = json.dumps(json.loads(text), ensure_ascii=False)
    for line in graded.hidden:
        assert json.dumps(line, ensure_ascii=False)[1:-1] not in plain
    assert SECRET not in plain
    assert "root:x:0" not in plain
    assert "BEGIN HIDDEN TESTS" not in plain
    assert len(text) < 2_000_000


@pytest.mark.parametrize(("name", "attack"), entries())
def test_each_problem_is_one_clear_line(classes, name: str, attack: Attack):
    record = classes(name).records[attack.name]
    if record.status != "graded":
        assert record.problem
        assert "\n" not in record.problem
        assert len(record.problem) < 300
        assert record.problem.isprintable()
    for test in record.tests:
        assert test.passed or test.message.strip(), test.grade_id
        assert len(test.message) <= 4000


@pytest.mark.parametrize("name", list(ATTACKS))
def test_the_class_is_graded_to_the_end(classes, name: str):
    graded = classes(name)
    assert len(graded.records) == len(ATTACKS[name]) + 2
    for honest in ("aa-honest", "zz-honest"):
        assert graded.records[honest].points == HONEST[name]


@pytest.mark.parametrize("name", list(ATTACKS))
def test_nothing_outside_was_touched(classes, name: str):
    graded = classes(name)
    assert graded.canary.read_text() == SECRET
    assert sorted(os.listdir(graded.canary.parent)) == ["canary.txt"]
    assert graded.changed == set()
    assert graded.listener.callers == []
    allowed = {"submitted", "records", "autograded", "gradebook.db", "feedback", "scratch"}
    assert set(os.listdir(graded.course.private)) <= allowed


@pytest.mark.parametrize("name", list(ATTACKS))
def test_no_process_is_left(classes, name: str, left_running):
    classes(name)
    assert left_running() == []


def test_there_are_enough():
    assert sum(map(len, ATTACKS.values())) >= 30
    names = [attack.name for attacks in ATTACKS.values() for attack in attacks]
    assert len(names) == len(set(names))
