"""The command `course mutate`: what it prints, records and leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from mutation_course import EQUIVALENT, change_lesson, make_course, mistake, write_planted

from autograder.cli import main
from autograder.course import load_course
from autograder.mutation.record import fingerprint


@pytest.fixture
def course_folder(tmp_path):
    return make_course(tmp_path)


@pytest.fixture
def course_command(course_folder, monkeypatch, capsys):
    """Call `course mutate` in the folder; gives exit code, standard output and standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.chdir(course_folder)
        monkeypatch.setattr(sys, "argv", ["course", "mutate", *words])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code or 0, *capsys.readouterr()

    return call


def test_the_command_prints_a_table_survivors_and_json(course_folder, course_command):
    change_lesson(course_folder, "checks.unchanged(shares, np.array([1.0, 3.0]))", "")
    write_planted(course_folder, mistake("argument spoilt", "x /= x.sum()\n    return x"))
    code, told, _ = course_command("week01", "--exercise", "shares")
    assert code == 1
    assert "+    x /= x.sum()" in told
    assert "the planted mistake “argument spoilt” survives" in told
    code, told, _ = course_command("week01", "--exercise", "shares", "--json")
    assert code == 1
    facts = json.loads(told)["week01_small"]["shares"]
    assert facts["planted"] == facts["caught"] + 1
    assert "+    x /= x.sum()" in facts["survivors"][0]


def test_the_record_saves_work_only_where_nothing_changed(course_folder, course_command):
    record = course_folder / "tests" / "mutants" / "record.json"
    assert course_command("--record")[0] == 0
    written = record.read_bytes()
    recorded = json.loads(written)["week01_small"]["exercises"]
    code, told, _ = course_command("--changed", "--json")
    assert code == 0
    for name, facts in json.loads(told)["week01_small"].items():
        assert 0 < facts["planted"] <= max(1, 0.2 * recorded[name]["planted"])
    change_lesson(course_folder, "checks.unchanged(shares, np.array([1.0, 3.0]))", "")
    _, told, _ = course_command("--changed", "--json")
    facts = json.loads(told)["week01_small"]
    assert {name: each["planted"] for name, each in facts.items()} == {
        name: each["planted"] for name, each in recorded.items()
    }
    assert record.read_bytes() == written


def test_the_hash_follows_whatever_decides_the_outcome(course_folder):
    course = load_course(course_folder)
    week = course.week("1")
    seen = [fingerprint(course, week)]
    for path in (
        "solutions/week01_small/small.py",
        "tests/mutants/week01_small.toml",
        "tests/alternatives/week01_small/shares.loop.py",
        "helpers/checks/compare.py",
        "requirements.lock",
    ):
        (course_folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (course_folder / path).open("a") as file:
            file.write("# changed\n")
        seen.append(fingerprint(course, week))
    assert len(set(seen)) == 6
    (course_folder / "tests" / "mutants" / "week02_other.toml").write_text("")
    assert fingerprint(course, week) == seen[-1]


def test_a_broken_record_is_refused(course_folder, course_command):
    (course_folder / "tests" / "mutants" / "record.json").write_text('{"week01_small": []}')
    code, _, said = course_command("--changed")
    assert code == 2
    assert "is not a record of `course mutate`" in said


def test_a_week_with_findings_is_not_recorded(course_folder, course_command):
    write_planted(course_folder, EQUIVALENT.format("*"))
    code, _, said = course_command("--record")
    assert code == 1
    assert "not recorded, as they have findings: week01_small" in said
    assert json.loads((course_folder / "tests" / "mutants" / "record.json").read_text()) == {}


@pytest.mark.parametrize(
    "words", [("--record", "--changed"), ("--record", "1", "--exercise", "shares"), ("week09",)]
)
def test_a_wrong_call_is_refused(course_command, words):
    code, told, said = course_command(*words)
    assert code == 2
    assert told == ""
    assert 0 < len(said.splitlines()) <= 2


def test_an_interrupted_run_leaves_no_process_behind(course_folder):
    pid_file = course_folder / "pid"
    hang = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    write_planted(course_folder, mistake("sleep", hang))
    process = subprocess.Popen(
        [sys.executable, "-c", "from autograder.cli import main; main()", "mutate", "--timeout=60"],
        cwd=course_folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 50
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    pid = int(pid_file.read_text())
    deadline = time.monotonic() + 20
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
