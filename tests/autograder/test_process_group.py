"""The kernel's ceiling on processes: an endless fork bomb cannot pass it, and nothing is left."""

import subprocess
import sys

import pytest

from autograder import process_group
from autograder.process_group import ProcessGroup, limited_processes

BOMB = """
import os, sys, time
made = 0
for _ in range(300):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    except BlockingIOError:
        break
    made += 1
print(made)
os.killpg(0, 9)
"""


@pytest.fixture
def group():
    with limited_processes(2) as made:
        if made.folder is None:
            assert made.enter(["true"]) == ["true"]
            assert not made.refused()
            pytest.skip("this user may not make a control group")
        yield made


def test_no_more_processes_than_the_ceiling(group):
    command = group.enter([sys.executable, "-c", BOMB])
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True)
    assert int(done.stdout) == 2 * process_group.TASKS_A_PROCESS - 1
    assert group.refused()


def test_a_command_within_it_runs_as_it_would_alone(group):
    command = group.enter([sys.executable, "-c", "import sys; print(sys.argv[1:])", "a b", "$c"])
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "['a b', '$c']\n")
    assert not group.refused()


def test_it_is_removed():
    with limited_processes(3) as made:
        pass
    assert made.folder is None or not made.folder.exists()


def test_where_none_can_be_made_the_command_runs_without(monkeypatch, tmp_path):
    monkeypatch.setattr(process_group, "_places", lambda: [tmp_path / "absent", tmp_path])
    with limited_processes(3) as made:  # a folder where the kernel does not listen
        assert made.folder is None
    assert list(tmp_path.iterdir()) == []
    assert ProcessGroup(None).enter(["a", "b"]) == ["a", "b"]
