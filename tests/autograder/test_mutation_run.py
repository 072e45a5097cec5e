"""Mutants that run: who is caught, who survives, who is killed, and what is said about it."""

import time
from dataclasses import replace

import pytest
from mutation_course import (
    EQUIVALENT,
    change_lesson,
    make_course,
    mistake,
    write_alternative,
    write_planted,
)

from autograder.course import load_course
from autograder.errors import CourseError
from autograder.mutation.planted import read_planted
from autograder.mutation.run import prepare, run_week, sample


@pytest.fixture
def course_folder(tmp_path):
    return make_course(tmp_path)


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
    assert time.monotonic() - started < 50
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


def test_a_visible_check_after_a_failing_hidden_one_still_counts(course_folder):
    write_planted(course_folder, mistake("both", "x *= 2; return x / 8"))
    found = outcome(run(course_folder)["shares"], "both")
    assert "one and seven" in found.message
    assert found.visible


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
    assert time.monotonic() - started < 90
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


def test_a_slow_right_answer_is_accepted(course_folder):
    slow = "import time\ndef shares(x):\n    until = time.process_time() + 0.7\n"
    slow += "    while time.process_time() < until:\n        pass\n    return x / x.sum()\n"
    write_alternative(course_folder, "shares.slow.py", slow)
    [alternative] = run(course_folder)["shares"].alternatives
    assert alternative.accepted


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
