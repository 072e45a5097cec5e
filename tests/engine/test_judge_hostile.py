"""A student's process that ends, hangs, lies or talks nonsense costs that test, no other."""

import contextlib
import threading
import time

import psutil
import pytest
from workbench import answer, exam, given, workbench

from autograder.engines.judge.confine import available_walls

START = given("import numpy as np\nfrom helpers import checks")
AFTER = answer("g", "def g(x):\n    return x + 1")
LAST = exam("last", "checks.equal(g(1), 2, 'one more')")


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    wall = next((wall for wall, reason in available_walls().items() if reason is None), "none")
    folder = tmp_path_factory.mktemp("scratch")
    with workbench(folder, seconds_per_cell=1.5, seconds_per_notebook=40, wall=wall) as grade:
        yield grade


ENDS = {
    "os._exit": "import os\ndef f(x):\n    os._exit(0)",
    "an abort": "import os\ndef f(x):\n    os.abort()",
    "a crash": "import ctypes\ndef f(x):\n    ctypes.string_at(0)",
    "closed files": "import os\ndef f(x):\n    os.closerange(3, 4096)",
    "noise on the socket": (
        "import os\ndef f(x):\n"
        "    for n in range(3, 64):\n"
        "        try:\n            os.write(n, b'x' * 100)\n"
        "        except OSError:\n            pass\n"
    ),
    "a forged request": (
        "import gc\nfrom autograder.engines.judge.peer import Peer\n\ndef f(x):\n"
        "    peer = next(o for o in gc.get_objects() if type(o) is Peer)\n"
        "    return peer.request('look_up', ('expected',))\n"
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_process_that_ends_costs_one_test(grade, name):
    test = exam("test_f", "f(1)")
    bench = grade(START, answer("f", ENDS[name]), AFTER, test, LAST)
    assert bench.scores == {"test_f": 0.0, "last": 1.0}, bench.findings
    assert bench["test_f"].error == "KernelDied"


SLOW = {
    "a loop": "def f(x):\n    while True:\n        pass",
    "sleep": "import time\ndef f(x):\n    time.sleep(60)",
    "an endless iterator": "import itertools\ndef f(x):\n    return itertools.count()",
    "a loop that ignores signals": (
        "import signal\ndef f(x):\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "    while True:\n        pass"
    ),
    "a loop that catches everything": (
        "def f(x):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass"
    ),
    "an answer in time to the signal": (
        "def f(x):\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        return x"
    ),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_takes_too_long_costs_one_test(grade, name):
    test = exam("test_f", "checks.equal(list(f([1])), [1], 'itself')")
    began = time.monotonic()
    bench = grade(START, answer("f", SLOW[name]), AFTER, test, LAST)
    assert bench.scores == {"test_f": 0.0, "last": 1.0}, bench.findings
    assert bench["test_f"].timed_out
    assert bench["test_f"].error == "CellTimeoutError"
    assert time.monotonic() - began < 50


def test_a_test_that_swallows_the_time_out_is_failed_all_the_same(grade):
    test = exam("test_f", "try:\n    f(1)\nexcept BaseException:\n    pass")
    bench = grade(START, answer("f", SLOW["a loop"]), AFTER, test, LAST)
    assert bench.scores == {"test_f": 0.0, "last": 1.0}


def test_a_test_that_is_slow_by_itself_ends(grade):
    bench = grade(START, AFTER, exam("slow", "while True:\n    pass"), LAST)
    assert bench.scores == {"slow": 0.0, "last": 1.0}
    assert bench["slow"].timed_out


def test_an_answer_cell_that_hangs_is_left_out_of_the_replay(grade):
    stuck = answer(
        "f", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile 1: pass"
    )
    bench = grade(START, AFTER, stuck, exam("test_f", "f(1)"), LAST)
    assert bench.scores == {"test_f": 0.0, "last": 1.0}
    assert bench["f"].timed_out
    assert bench["test_f"].error == "NameError"


def test_after_too_many_restarts_the_rest_is_not_run(grade):
    tests = [exam(f"t{n}", "f(1)") for n in range(6)]
    bench = grade(START, answer("f", ENDS["os._exit"]), AFTER, *tests, LAST)
    errors = [bench[f"t{n}"].error for n in range(6)]
    assert errors == ["KernelDied"] * 4 + ["NoTimeLeft"] * 2
    assert bench.scores["last"] == 0.0


def test_replayed_answers_are_as_they_were(grade):
    counting = answer("f", "import os\ncalls = []\ndef f(x):\n    os._exit(1)")
    later = answer("h", "calls.append(1)\ndef h():\n    return len(calls)")
    bench = grade(START, counting, later, exam("test_f", "f(1)"), exam("t", "assert h() == 1"))
    assert bench.scores == {"test_f": 0.0, "t": 1.0}


def test_system_exit_in_an_answer_cell_ends_the_cell_only(grade):
    bench = grade(START, answer("f", "def f(x):\n    return x\nraise SystemExit(3)"), AFTER, LAST)
    assert bench["f"].error == "SystemExit"
    assert bench.scores == {"last": 1.0}


def test_forged_findings_are_checked():
    from autograder.engines.judge.findings import student_finding

    forged = {
        "error": ("E", [], "\ud800" * 20_000, [(9, 1, "f"), (1, 1, "f"), ("x", 1, 2)], None),
        "outputs": [{"kind": "text", "name": "n", "text": "y" * 9000}, 7, {"kind": "html"}] * 9,
        "truncated": "no",
    }
    found = student_finding(1, forged, {1}, 5000)
    assert [frame["cell"] for frame in found["frames"]] == [1]
    assert sum(len(output["text"]) for output in found["outputs"]) <= 5100
    assert found["truncated"] is False
    assert student_finding(1, {"error": 3, "outputs": "x"}, {1}, 10)["error"] == "RuntimeError"


def processes():
    """Give this process's children and theirs: the warm ones, and what other tests started."""
    running = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                running.add(process)
    return running


def nothing_more(before, within=20.0):
    """Wait until no process is left beside those of before."""
    end = time.monotonic() + within
    while not processes() <= before:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def test_interrupted_grading_leaves_no_process(grade):
    before = processes()
    stop = threading.Event()
    threading.Timer(0.7, stop.set).start()
    bench = grade(START, answer("f", SLOW["a loop"]), exam("t", "f(1)"), stop=stop)
    assert bench.findings.problem == "grading was interrupted"
    assert nothing_more(before)


def test_no_process_is_left_running_after_a_notebook(grade):
    before = processes()
    grade(START, AFTER, LAST)
    assert nothing_more(before)


def test_a_warm_process_that_was_killed_is_made_anew(tmp_path):
    with workbench(tmp_path) as grade:
        assert grade(START, AFTER, LAST).scores == {"last": 1.0}
        for process in psutil.Process().children():
            with contextlib.suppress(psutil.Error):  # of another test, and gone meanwhile
                if "warm.py" in " ".join(process.cmdline()):
                    process.kill()
                    process.wait()
        assert grade(START, AFTER, LAST).scores == {"last": 1.0}
