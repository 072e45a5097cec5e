"""Killed at any moment, full disks, closed folders: the next run sets all to rights."""

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from graded_course import POINTS_RIGHT, RIGHT, WEEK, hand_in, make_course
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.grading import grade_week
from autograder.lock import alone
from autograder.records import read_records
from autograder.scratch import make_scratch, scratch, secret_scratch, sweep

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("crash_runner.py")
WRONG = {"double": "def double(x):\n    return 'wrong'", "total": "def total(x):\n    return 0"}
STUDENTS = 12
WRITERS, JUDGES, WORKERS = 30, 14, 6  # kills; fifty in all
pytestmark = pytest.mark.slow


class Runner:
    """A process that forks graders; see `crash_runner.py`."""

    def __init__(self, folder):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, str(RUNNER), str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.read() == "ready"

    def read(self):
        return self.process.stdout.readline().strip()

    def start(self, *what):
        self.process.stdin.write(" ".join(what) + "\n")
        self.process.stdin.flush()
        return int(self.read())

    def end(self):
        """Wait for the grader's end and give its exit code."""
        return int(self.read())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def make_class(folder):
    course = make_course(folder)
    deserved = {}
    for index in range(STUDENTS):
        right = index % 3 > 0
        hand_in(course, f"s{index:02}", RIGHT if right else {**RIGHT, **WRONG})
        deserved[f"s{index:02}"] = POINTS_RIGHT if right else 0.0
    return course, deserved


def give_by_hand(course, student, points):
    with Gradebook(f"sqlite:///{course.private / 'gradebook.db'}") as book:
        grade = book.find_grade("why_double", "small", WEEK, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def hand_in_again(course, student, index):
    """Change a submission, so that the next run has something to do."""
    shutil.rmtree(course.private / "submitted" / student)
    answers = RIGHT if index % 2 else {**RIGHT, **WRONG}
    spelling = {"why_double": f"Version {index}."}
    hand_in(course, student, {**answers, **spelling})
    return POINTS_RIGHT if index % 2 else 0.0


def everything_is_right(course, deserved, by_hand, runner):
    """Compare records, gradebook and formgrader's notebooks with what each one deserves."""
    records = read_records(course, course.weeks[0])
    assert {r.student: sum(test.points for test in r.tests) for r in records} == deserved
    for record in records:
        assert record.status == "graded", record.problem
        assert record.merged
        assert not record.unfinished
        (path,) = (course.private / "autograded" / record.student / WEEK).iterdir()
        assert json.loads(path.read_text())["cells"]
    with Gradebook(f"sqlite:///{course.private / 'gradebook.db'}") as book:
        rows = [(s.student.id, s.score) for s in book.assignment_submissions(WEEK)]
        expected = {name: points + by_hand.get(name, 0) for name, points in deserved.items()}
        assert sorted(rows) == sorted(expected.items())
        grades = book.db.execute(
            text("select count(*), count(distinct cell_id || notebook_id) from grade")
        )
        number, distinct = grades.one()
        assert number == distinct == 5 * len(deserved)
        assert book.db.execute(text("pragma integrity_check")).scalar() == "ok"
    names = {path.name for path in (course.private / "records" / WEEK).iterdir()}
    assert names == {".lock", *(f"{name}.json" for name in deserved)}
    left = [path.name for path in (course.private / "scratch").iterdir()]
    assert [name for name in left if f"@{runner.process.pid}@" not in name] == []


def judges_of(pid):
    """List the judges that a grader's warm processes have forked, and those processes."""
    forks, warm = [], []
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = " ".join(process.cmdline())
                if "warm.py judge" in line:
                    (forks if "warm.py" in " ".join(process.parent().cmdline()) else warm).append(
                        process
                    )
    return forks, warm


def workers_of(pid):
    found = []
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(pid).children():
            with contextlib.suppress(psutil.Error):
                if "spawn_main" in " ".join(process.cmdline()):
                    found.append(process)
    return found


def test_fifty_kills(tmp_path):
    chance = random.Random(20270308)
    course, deserved = make_class(tmp_path)
    runner = Runner(course.root)
    by_hand = {}
    killed = {"writer": 0, "judge": 0, "worker": 0}
    try:
        assert runner.start("grader")
        assert runner.end() == 0
        for student, points in (("s01", 2.0), ("s04", 1.0)):
            give_by_hand(course, student, points)
            by_hand[student] = points
        length = 0.5
        for _ in range(10 * WRITERS):
            if killed["writer"] == WRITERS:
                break
            for student in chance.sample(sorted(deserved), 4):
                deserved[student] = hand_in_again(course, student, chance.randrange(10**6))
            pid = runner.start("grader")
            time.sleep(chance.uniform(0, length))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            ended = runner.end()
            killed["writer"] += ended == -signal.SIGKILL
            length *= 1.05 if ended else 0.9  # so that kills fall all over a run
            assert ended in (0, -signal.SIGKILL)
        assert killed["writer"] == WRITERS
        assert runner.start("grader")
        assert runner.end() == 0
        everything_is_right(course, deserved, by_hand, runner)

        for kind, most, arguments in (
            ("judge", JUDGES, ("judge",)),
            ("worker", WORKERS, ("judge", "local")),
        ):
            while killed[kind] < most:
                for student in sorted(deserved):
                    deserved[student] = hand_in_again(course, student, chance.randrange(10**6))
                pid = runner.start(*arguments)
                while killed[kind] < most:
                    if not psutil.pid_exists(pid):
                        break
                    forks, warm = judges_of(pid)
                    victims = forks if chance.random() < 0.9 else warm
                    if kind == "worker":
                        victims = workers_of(pid)
                    if forks and victims:
                        with contextlib.suppress(psutil.Error):
                            chance.choice(victims).kill()
                            killed[kind] += 1
                    time.sleep(chance.uniform(0.02, 0.3))
                assert runner.end() == 0
        assert runner.start("judge")
        assert runner.end() == 0
        everything_is_right(course, deserved, by_hand, runner)
    finally:
        runner.close()


def grade_at_the_keyboard(course, **options):
    """Run `course grade` with the quick engine; give what it said, and how it ended."""
    done = subprocess.run(
        [sys.executable, str(RUNNER), "--command", "grade"],
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 2, done.stderr
    return done.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A disk of four megabytes in place of the course's private folder."""
    if os.geteuid():
        pytest.skip("only root can mount a disk")
    course = make_course(tmp_path, gradebook=True)
    hand_in(course, "ada", RIGHT)
    kept = tmp_path / "kept"
    course.private.rename(kept)
    course.private.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(course.private)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine mounts nothing")
    shutil.copytree(kept, course.private, dirs_exist_ok=True)
    yield course
    subprocess.run(["umount", str(course.private)], check=True)


@pytest.mark.parametrize("left_kb", [0, 60, 110])
def test_a_full_disk_is_one_sentence_and_costs_nothing(small_disk, left_kb):
    course = small_disk
    filler = course.private / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        file.write(bytes(8 * 2**20))
    free = os.statvfs(course.private).f_bavail * 4096
    os.truncate(filler, filler.stat().st_size + free - left_kb * 1024)
    said = grade_at_the_keyboard(course)
    assert "full" in said or "No space left" in said
    assert "room" in said
    assert all(record.points == POINTS_RIGHT for record in read_records(course, course.weeks[0]))
    filler.unlink()
    (record,) = grade_week(course, course.weeks[0], engine="judge")
    assert (record.points, record.status) == (POINTS_RIGHT, "graded")


def test_files_may_not_grow(tmp_path):
    course = make_course(tmp_path, gradebook=True)
    hand_in(course, "ada", RIGHT)
    limit = (4096, 4096)
    said = grade_at_the_keyboard(
        course, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    )
    assert "room" in said
    assert read_records(course, course.weeks[0]) == []


@pytest.mark.parametrize("name", ["records", "autograded", "scratch", "gradebook.db"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, name):
    course = make_course(tmp_path, gradebook=True)
    hand_in(course, "ada", RIGHT)
    path = course.private / name
    if name == "gradebook.db":
        path.unlink()
        path.mkdir()
    else:
        shutil.rmtree(path, ignore_errors=True)
        path.write_text("a file where a folder is due")
    assert name in grade_at_the_keyboard(course)


class TestSweep:
    def test_what_a_killed_run_left_goes_and_what_is_in_use_stays(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
        monkeypatch.setattr("tempfile.tempdir", None)
        (tmp_path / "tmp").mkdir()
        places = [None, secret_scratch(tmp_path / "private")]
        left = [run_and_die(place) for place in places]
        assert all((path / "hidden").exists() for path in left)
        foreign = [path.with_name(path.name.replace("@", "x@", 1)) for path in left]
        for path in foreign:
            path.mkdir()
        with scratch("week", places[1]) as used, scratch("engine") as also_used:
            assert sorted(sweep(tmp_path / "private")) == sorted(left)
            assert used.is_dir()
            assert also_used.is_dir()
        assert not any(path.exists() for path in left)
        assert all(path.exists() for path in foreign)  # another machine's

    def test_folders_are_this_users_alone(self, tmp_path):
        with scratch("week", secret_scratch(tmp_path / "private")) as folder:
            for path in (folder, folder.parent, folder.parent.parent):
                assert path.stat().st_mode & 0o777 == 0o700


def run_and_die(place):
    """Make a folder in a process that is killed."""
    come, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        folder = make_scratch("week", place)
        (folder / "hidden").write_text("hidden tests")
        os.write(go, str(folder).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(go)
    with os.fdopen(come) as told:
        return Path(told.read())


def test_a_second_run_is_told_who_is_at_work(tmp_path):
    course = make_course(tmp_path, gradebook=True)
    hand_in(course, "ada", RIGHT)
    with alone(course, course.weeks[0]):
        said = grade_at_the_keyboard(course)
    assert f"at work on {WEEK} (process {os.getpid()} on " in said
