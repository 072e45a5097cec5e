"""The farm: dask's workers grade, one is killed, and the gradebook is right all the same."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from graded_course import POINTS_RIGHT, RIGHT, WEEK, hand_in, make_course
from nbgrader.api import Gradebook

from autograder.errors import CourseError
from autograder.farm import FarmEngine
from autograder.farm_worker import GraderPlugin
from autograder.grading import grade_week
from autograder.records import read_records

ROOT = Path(__file__).parents[2]
PROGRAM = "from autograder.cli import main; main()"
WRONG = {**RIGHT, "total": "def total(x):\n    return x.sum(axis=0)"}
SLOW = {**RIGHT, "double": "import time\ntime.sleep(0.5)\ndef double(x):\n    return 2 * x"}
ANSWERS = {"right": (RIGHT, POINTS_RIGHT), "wrong": (WRONG, 3.0), "slow": (SLOW, POINTS_RIGHT)}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Start dask's scheduler and two workers by its own commands, as on a cluster."""
    folder = tmp_path_factory.mktemp("dask")
    address = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    common = {
        "env": environment,
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "start_new_session": True,
    }
    python = [sys.executable, "-m"]
    here = ["--host", "127.0.0.1", "--scheduler-file", str(address)]
    with contextlib.ExitStack() as stack:
        command = [*python, "distributed.cli.dask_scheduler", *here, "--port", "0"]
        command += ["--dashboard-address", "127.0.0.1:0"]
        started = [subprocess.Popen(command, **common)]
        stack.callback(lambda: [end(process) for process in reversed(started)])
        wait_for(address.exists)
        command = [*python, "distributed.cli.dask_worker", "--scheduler-file", str(address)]
        command += ["--host", "127.0.0.1", "--nthreads", "1", "--nworkers", "2"]
        command += ["--memory-limit", "0", "--no-dashboard"]
        started.append(subprocess.Popen(command, **common))
        from distributed import Client

        client = stack.enter_context(Client(scheduler_file=str(address), timeout=60))
        client.wait_for_workers(2, timeout=60)
        yield client


def end(process):
    family = [process, *psutil.Process(process.pid).children(recursive=True)]
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def marks(course):
    with Gradebook(f"sqlite:///{course.private / 'gradebook.db'}") as book:
        rows = [(s.student.id, s.score) for s in book.assignment_submissions(WEEK)]
    assert len(rows) == len(set(rows))
    return dict(rows)


def make_class(folder, number):
    course = make_course(folder)
    deserved = {}
    for index in range(number):
        kind = ("right", "wrong", "slow")[index % 3]
        student = f"{kind}{index:02}"
        hand_in(course, student, ANSWERS[kind][0])
        deserved[student] = ANSWERS[kind][1]
    return course, deserved


def address_of(scheduler):
    return scheduler.scheduler.address


def workers_of(scheduler):
    return scheduler.run(os.getpid)


def forked_from(pid):
    found = []
    for process in psutil.Process(pid).children():
        with contextlib.suppress(psutil.Error):  # gone meanwhile
            if "judge/warm.py" in " ".join(process.cmdline()):
                found.append(process.pid)
    return found


class TestExternalScheduler:
    def test_a_killed_workers_notebooks_are_done_again_and_written_once(self, scheduler, tmp_path):
        course, deserved = make_class(tmp_path, 9)
        killed, own, said, keys = [], [], [], []

        def look(done, total, record):
            if done == 1:
                keys.extend(
                    scheduler.run_on_scheduler(lambda dask_scheduler: [*dask_scheduler.tasks])
                )
            if done == 2 and not killed:
                pids = list(workers_of(scheduler).values())
                own.extend(forked_from(pid) for pid in pids)
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        records = grade_week(
            course,
            course.weeks[0],
            engine="judge",
            progress=look,
            scheduler=address_of(scheduler),
            say=said.append,
        )
        assert killed
        assert {record.student: record.points for record in records} == deserved
        assert all(record.status == "graded" for record in records)
        assert marks(course) == deserved
        assert sorted(deserved) == [r.student for r in read_records(course, course.weeks[0])]
        # each worker had a judge's and a student's warm process of its own
        assert [len(pids) for pids in own] == [2, 2]
        assert len({pid for pids in own for pid in pids}) == 4
        assert any(line.startswith("dask's dashboard: http://") for line in said)
        assert keys  # what the dashboard calls the notebooks: nobody's name
        assert not any(student in str(key) for key in keys for student in deserved)
        wait_for(lambda: len(workers_of(scheduler)) == 2)  # its nanny has started another
        wait_for(lambda: not any(forked_from(pid) for pid in workers_of(scheduler).values()))

    def test_an_interrupted_run_goes_on(self, scheduler, tmp_path):
        course, deserved = make_class(tmp_path, 6)

        def interrupt(done, total, record):
            if done == 2:
                raise KeyboardInterrupt

        options = {"engine": "judge", "scheduler": address_of(scheduler)}
        with pytest.raises(KeyboardInterrupt):
            grade_week(course, course.weeks[0], progress=interrupt, **options)
        before = {r.student: r.graded_at for r in read_records(course, course.weeks[0])}
        assert len(before) == 2
        counts = []
        records = grade_week(
            course, course.weeks[0], progress=lambda *about: counts.append(about[1]), **options
        )
        assert counts[0] == 4
        assert marks(course) == {r.student: r.points for r in records} == deserved


class TestMistakes:
    def test_no_scheduler_is_one_sentence(self, tmp_path, monkeypatch):
        monkeypatch.setattr("autograder.farm.WAIT_FOR_SCHEDULER", 1)
        course, _ = make_class(tmp_path, 1)
        with pytest.raises(CourseError, match=r"No scheduler .* at tcp://127\.0\.0\.1:9"):
            grade_week(course, course.weeks[0], engine="judge", scheduler="tcp://127.0.0.1:9")

    def test_a_machine_that_cannot_grade_is_named(self, monkeypatch):
        def refuse(name):
            raise CourseError("No wall can be built.", "Ask for one.")

        monkeypatch.setattr("autograder.farm_worker.find_engine", refuse)
        plugin = GraderPlugin(None, None, "judge", "bubblewrap", local=False)
        plugin.setup(None)
        with pytest.raises(CourseError, match=r"The worker on \S+: No wall") as caught:
            plugin.grade({})
        assert caught.value.cure == "Ask for one."

    def test_the_reference_engine_stays_at_home(self):
        with pytest.raises(CourseError, match="does not grade with the engine 'nbgrader'"):
            FarmEngine("nbgrader", "local", 2)


def test_local_workers_at_the_keyboard(tmp_path):
    course, deserved = make_class(tmp_path, 3)
    command = [sys.executable, "-c", PROGRAM, "grade", "--scheduler", "local"]
    done = subprocess.run(
        command,
        cwd=course.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "dask's dashboard: http://127.0.0.1:" in done.stderr
    assert "3/3" in done.stderr
    assert "a minute" in done.stderr
    assert marks(course) == deserved
    assert list((course.private / "scratch").iterdir()) == []
