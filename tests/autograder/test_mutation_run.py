"""Mutants that run: who is caught, who survives, who is killed, and what is said about it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from autograder.cli import main
from autograder.course import load_course
from autograder.errors import CourseError
from autograder.mutation.planted import read_planted
from autograder.mutation.run import prepare, run_week, sample

COURSE = """
title = "Two answers"
private = "private"

[[week]]
folder = "week01_small"
title = "Small"
points = 4
answers = ["numpy"]
demos = ["numpy"]
tests = ["numpy", "helpers"]
"""

HEADER = """
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""


def graded(name: str, points: int) -> str:
    return (
        f'# %% nbgrader={{"grade": true, "grade_id": "{name}", "locked": true, "points": {points}, '
        '"schema_version": 3, "solution": false, "task": false}'
    )


def answer(name: str) -> str:
    return (
        f'# %% nbgrader={{"grade": false, "grade_id": "{name}", "locked": false, '
        '"schema_version": 3, "solution": true, "task": false}'
    )


LESSON = f"""{HEADER}
# %% [markdown]
# # Small

# %%
import numpy as np

from helpers import checks

START = 5

# %% tags=["demo"]
raise RuntimeError("a demo is not run")

# %% [markdown]
# *About 5 minutes.*

{answer("shares")}
def shares(x):
    \"\"\"Give each number's share of the sum.\"\"\"
    ### BEGIN SOLUTION
    return x / x.sum()
    ### END SOLUTION

{graded("test_shares_values", 1)}
expected = np.array([0.25, 0.75])
checks.close(shares(np.array([1.0, 3.0])), expected, "one and three")
### BEGIN HIDDEN TESTS
import fractions

checks.close(shares(np.array([1.0, 7.0])), [0.125, 0.875], "one and seven")
### END HIDDEN TESTS

{graded("test_shares_again", 1)}
assert fractions.Fraction(1, 2) == 0.5  # imported by the hidden test above
checks.unchanged(shares, np.array([1.0, 3.0]))

{answer("count_down")}
def count_down(n):
    \"\"\"Count from START + n to START.\"\"\"
    ### BEGIN SOLUTION
    return [START + k for k in range(n, -1, -1)]
    ### END SOLUTION

{graded("test_count_down_values", 2)}
checks.equal(count_down(2), [7, 6, 5], "three numbers")
### BEGIN HIDDEN TESTS
checks.equal(count_down(-1), [], "none")
### END HIDDEN TESTS
"""


@pytest.fixture
def course_folder(tmp_path):
    folder = tmp_path / "solutions" / "week01_small"
    folder.mkdir(parents=True)
    (folder / "small.py").write_text(LESSON)
    (tmp_path / "course.toml").write_text(COURSE)
    (tmp_path / "tests" / "mutants").mkdir(parents=True)
    (tmp_path / "tests" / "alternatives" / "week01_small").mkdir(parents=True)
    return tmp_path


def write_planted(folder, text: str) -> None:
    (folder / "tests" / "mutants" / "week01_small.toml").write_text(text)


def write_alternative(folder, name: str, text: str) -> None:
    (folder / "tests" / "alternatives" / "week01_small" / name).write_text(text)


def change_lesson(folder, old: str, new: str) -> None:
    assert LESSON.count(old) == 1
    path = folder / "solutions" / "week01_small" / "small.py"
    path.write_text(LESSON.replace(old, new))


def mistake(name: str, replace: str, find: str = "return x / x.sum()") -> str:
    return (
        f'[[mistake]]\nexercise = "shares"\nname = "{name}"\n'
        f"find = '''{find}'''\nreplace = '''{replace}'''\n"
    )


def run(folder, exercise: str | None = "shares", **options):
    course = load_course(folder)
    lesson, work = prepare(course, course.week("1"), exercise)
    return {result.name: result for result in run_week(course, lesson, work, **options)}


def outcome(result, name: str):
    [found] = [each for each in result.mutants if each.mutant.operator == name]
    return found


def test_good_tests_catch_everything(course_folder):
    results = run(course_folder, exercise=None)
    assert list(results) == ["shares", "count_down"]
    for result in results.values():
        assert result.planted == result.caught > 3
        assert result.survivors == result.findings == []


def test_an_endless_loop_is_caught_before_its_time_is_up(course_folder):
    write_planted(course_folder, mistake("endless", "while True: pass"))
    started = time.monotonic()
    result = run(course_folder, timeout=60)["shares"]
    assert time.monotonic() - started < 30
    assert outcome(result, "endless").caught
    assert outcome(result, "endless").message == "the process took too long"


def test_a_weak_test_lets_a_mutant_live_and_the_difference_says_which(course_folder):
    change_lesson(course_folder, "checks.unchanged(shares, np.array([1.0, 3.0]))", "")
    write_planted(course_folder, mistake("argument spoilt", "x /= x.sum()\n    return x"))
    result = run(course_folder)["shares"]
    [survivor] = result.survivors
    assert survivor.mutant.operator == "argument spoilt"
    assert "-    return x / x.sum()\n+    x /= x.sum()\n+    return x" in survivor.mutant.diff
    assert result.findings == [
        "the planted mistake “argument spoilt” survives",
        f"{result.caught / result.planted:.1%} are caught, 95% are asked for",
    ]


def test_what_only_a_hidden_test_catches_is_noted(course_folder):
    write_planted(
        course_folder, mistake("by heart", "return np.array([0.25, 0.75]) if x.sum() == 4 else x")
    )
    result = run(course_folder)["shares"]
    found = outcome(result, "by heart")
    assert found.caught
    assert not found.visible
    assert "one and seven" in found.message
    assert "“by heart” is caught by a hidden test only" in result.notes
    assert result.findings == []


def test_crashes_exits_and_hanging_children_are_caught(course_folder):
    marker = course_folder / "alive"
    fork = (
        "import os, time\n    if os.fork() == 0:\n        time.sleep(3)\n"
        f"        open({str(marker)!r}, 'w').close()\n        os._exit(0)\n    time.sleep(60)"
    )
    mistakes = {
        "exit": "import os; os._exit(0)",
        "quit": "raise SystemExit(0)",
        "segfault": "import ctypes; ctypes.string_at(0)",
        "kill": "import os; os.kill(os.getpid(), 9)",
        "memory": "return np.ones(10**10)",
        "noise": "print('x' * 10**7); return x",
        "child": fork,
        "sleep": "import time; time.sleep(60)",
    }
    text = "".join(mistake(name, replace) for name, replace in mistakes.items())
    write_planted(course_folder, text)
    started = time.monotonic()
    result = run(course_folder, timeout=1.0)["shares"]
    assert time.monotonic() - started < 10
    said = {name: outcome(result, name) for name in mistakes}
    assert all(each.caught and each.visible for each in said.values())
    messages = {name: each.message for name, each in said.items()}
    for name in ("exit", "segfault", "kill"):
        assert messages[name] == "the process crashed"
    for name in ("child", "sleep"):
        assert messages[name] == "the process took too long"
    assert messages["quit"].startswith("SystemExit")
    assert "MemoryError" in messages["memory"]
    assert messages["noise"].startswith("AssertionError: one and three")
    time.sleep(max(0.0, started + 5 - time.monotonic()))
    assert not marker.exists()


def test_mistakes_that_do_not_fit_are_findings(course_folder):
    write_planted(
        course_folder,
        mistake("gone", "return x", find="return x * x.sum()")
        + mistake("twice", "y", find="x")
        + mistake("no Python", "return x /", find="return x / x.sum()")
        + mistake("the same", "return (x / x.sum())"),
    )
    result = run(course_folder)["shares"]
    assert result.findings == [
        "“gone” cannot be planted: its `find` text is not in the answer; "
        "it must be there exactly once",
        "“twice” cannot be planted: its `find` text is in the answer 2 times; "
        "it must be there exactly once",
        "“no Python” cannot be planted: what it leaves is not Python: invalid syntax, line 4",
        "“the same” cannot be planted: its `replace` text says the same as its `find` text",
    ]
    assert result.by_hand == []


def test_text_outside_the_solution_region_does_not_make_a_find_ambiguous(course_folder):
    change_lesson(course_folder, "share of the sum.", "share: return x / x.sum()")
    write_planted(course_folder, mistake("no sum", "return x"))
    result = run(course_folder)["shares"]
    assert outcome(result, "no sum").mutant.added == "return x"
    assert result.findings == []


def test_a_planted_mistake_is_not_counted_twice(course_folder):
    alone = run(course_folder)["shares"]
    write_planted(course_folder, mistake("no sum", "return x"))
    both = run(course_folder)["shares"]
    assert both.planted == alone.planted
    assert [each.mutant.operator for each in both.by_hand] == ["no sum"]


EQUIVALENT = """
[[equivalent]]
exercise = "count_down"
find = "return [START + k for k in range(n, -1, -1)]"
replace = "return [START {} k for k in range(n, -1, -1)]"
reason = "for the sake of the test"
"""


def test_equivalent_mutants_are_left_out_and_stale_ones_reported(course_folder):
    course = load_course(course_folder)
    _, [before] = prepare(course, course.week("1"), "count_down")
    write_planted(course_folder, EQUIVALENT.format("-"))
    _, [after] = prepare(course, course.week("1"), "count_down")
    assert len(after.mutants) == len(before.mutants) - 1
    assert after.result.equivalent == 1
    assert after.result.problems == []
    write_planted(course_folder, EQUIVALENT.format("*"))
    _, [stale] = prepare(course, course.week("1"), "count_down")
    assert len(stale.mutants) == len(before.mutants)
    assert stale.result.findings == [
        "stale [[equivalent]]: no mutant turns `return [START + k for k in range(n, -1, -1)]` "
        "into `return [START * k for k in range(n, -1, -1)]`"
    ]


def test_alternatives_are_accepted_or_refused_with_the_reason(course_folder):
    write_alternative(
        course_folder,
        "shares.loop.py",
        "def shares(x):\n    return np.array([v / sum(x) for v in x])",
    )
    write_alternative(course_folder, "shares.wrong.py", "def shares(x):\n    return x\n")
    write_alternative(course_folder, "shares.broken.py", "def shares(x:\n")
    write_alternative(course_folder, "shares.renamed.py", "def share(x):\n    return x / x.sum()\n")
    result = run(course_folder)["shares"]
    accepted = {each.label: each.accepted for each in result.alternatives}
    assert accepted == {"loop": True, "wrong": False, "broken": False, "renamed": False}
    messages = {each.label: each.message for each in result.alternatives}
    assert "test_shares_values" in messages["wrong"]
    assert "one and three" in messages["wrong"]
    assert messages["broken"].startswith("SyntaxError")
    assert "NameError: name 'shares' is not defined" in messages["renamed"]
    assert len([each for each in result.findings if "is refused" in each]) == 3


def test_a_solution_that_fails_its_own_tests_is_an_error(course_folder):
    change_lesson(course_folder, "[0.125, 0.875]", "[0.5, 0.5]")
    with pytest.raises(CourseError, match=r"fails its own test, .*test_shares_values.*and seven"):
        run(course_folder)


def test_a_lesson_that_does_not_run_is_an_error(course_folder):
    change_lesson(course_folder, "START = 5", "START = five")
    with pytest.raises(CourseError, match="NameError: name 'five' is not defined"):
        run(course_folder)


def test_a_lesson_that_ends_the_interpreter_is_an_error(course_folder):
    change_lesson(course_folder, "START = 5", "import os; os._exit(0)")
    with pytest.raises(CourseError, match="ended before its work was done"):
        run(course_folder)


def test_names_of_no_exercise_are_errors(course_folder):
    with pytest.raises(CourseError, match="has no exercise 'share'"):
        run(course_folder, "share")
    write_planted(course_folder, mistake("a", "b").replace('"shares"', '"share"'))
    with pytest.raises(CourseError, match=r"toml: week01_small has no exercise 'share'"):
        run(course_folder)
    write_alternative(course_folder, "share.loop.py", "")
    with pytest.raises(CourseError, match=r"share\.loop\.py: .*has no exercise 'share'"):
        run(course_folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[mistake]\n", "is not valid TOML"),
        ('[[mistake]]\nexercise = "a"\n', r"\[\[mistake\]\] entry 1, name: Field required"),
        ("[[mistakes]]\n", "mistakes"),
        ('[[equivalent]]\nexercise = "a"\nfind = "b"\nreplace = "c"\n', "entry 1, reason"),
    ],
)
def test_a_faulty_file_of_mistakes_is_an_error(tmp_path, text, words):
    path = tmp_path / "week.toml"
    path.write_text(text)
    with pytest.raises(CourseError, match=words):
        read_planted(path)


def test_a_sample_is_the_same_each_time(course_folder):
    course = load_course(course_folder)
    chosen = []
    for _ in range(2):
        _, work = prepare(course, course.week("1"))
        total = [len(each.mutants) for each in work]
        sample(work, 0.5, seed=3)
        assert [len(each.mutants) for each in work] == [round(count / 2) for count in total]
        chosen.append([mutant.source for each in work for mutant in each.mutants])
    assert chosen[0] == chosen[1]


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


def test_a_week_with_findings_is_not_recorded(course_folder, course_command):
    write_planted(course_folder, EQUIVALENT.format("*"))
    code, _, said = course_command("--record")
    assert code == 1
    assert "not recorded, as they have findings: week01_small" in said
    assert json.loads((course_folder / "tests" / "mutants" / "record.json").read_text()) == {}


def test_a_survivor_that_the_record_knows_is_no_finding_and_another_one_is(course_folder):
    change_lesson(course_folder, "checks.unchanged(shares, np.array([1.0, 3.0]))", "")
    write_planted(course_folder, mistake("argument spoilt", "x /= x.sum()\n    return x"))
    result = run(course_folder)["shares"]
    [survivor] = result.survivors
    generic = replace(survivor.mutant, by_hand=False)
    result.mutants = [replace(survivor, mutant=generic)]
    result.known_survivors = frozenset({generic.diff})
    assert result.findings == []
    result.known_survivors = frozenset()
    assert result.findings == ["1 of a sample survive, and the record says otherwise"]


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
    deadline = time.monotonic() + 30
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said
    pid = int(pid_file.read_text())
    deadline = time.monotonic() + 5
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
