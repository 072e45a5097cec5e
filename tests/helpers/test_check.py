"""`python -m helpers.check`: the visible checks of a notebook, from the shell."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import helpers
from helpers.check import main
from helpers.notebook_run import visible_source

ROOT = Path(helpers.__file__).parents[1]
IMPORTS = "import numpy as np\nfrom helpers import checks"


def graded(source, grade_id, points=1):
    return cell(source, grade_id, points=points, grade=True)


def answer(source, grade_id):
    return cell(source, grade_id, solution=True)


def cell(source, grade_id=None, *, points=0, grade=False, solution=False, tags=(), kind="code"):
    metadata = {"tags": list(tags)}
    if grade_id:
        metadata["nbgrader"] = {
            "grade": grade,
            "grade_id": grade_id,
            "points": points,
            "solution": solution,
        }
    return {"cell_type": kind, "metadata": metadata, "outputs": [], "source": source}


@pytest.fixture
def run(tmp_path, capfd):
    def run(*cells, options=(), course=None):
        path = tmp_path / "week.ipynb"
        metadata = {"course": course} if course else {}
        data = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}
        path.write_text(json.dumps(data))
        code = main([str(path), *options])
        return code, capfd.readouterr().out

    return run


DOUBLE = answer("def double(x):\n    return 2 * x", "double")
RIGHT = graded("checks.equal(double(2), 4, 'twice two')", "test_double_two")
WRONG = graded("checks.equal(double(2), 5, 'twice two')", "test_double_wrong", 2)


def test_all_pass(run):
    code, out = run(cell(IMPORTS), DOUBLE, RIGHT)
    assert code == 0
    assert "test_double_two" in out
    assert "passed" in out
    assert "total by visible checks" in out
    assert "1 of 1" in out
    assert "Hidden checks are not in this" in out


def test_a_failing_check_shows_its_message_and_its_points(run):
    code, out = run(cell(IMPORTS), DOUBLE, RIGHT, WRONG)
    assert code == 1
    assert "FAILED" in out
    assert "0 of 2" in out
    assert "1 of 3" in out
    assert "      twice two\n" in out
    assert "Traceback" not in out


def test_not_written_yet(run):
    stub = answer("def f():\n    raise NotImplementedError('`f` is not written yet')", "f")
    code, out = run(cell(IMPORTS), stub, graded("checks.equal(f(), 1, 'one')", "test_f_one"))
    assert code == 1
    assert "NOT WRITTEN YET" in out
    assert "FAILED" not in out


def test_an_error_is_shown_with_the_students_own_cell_and_line(run):
    bad = answer("def f(x):\n    y = 1\n    return y / x", "f")
    code, out = run(cell(IMPORTS), bad, graded("checks.equal(f(0), 1, 'one')", "test_f_one"))
    assert code == 1
    assert "ZeroDivisionError: division by zero" in out
    assert "in cell 2 (`f`), line 3: return y / x" in out


def test_a_syntax_error_names_cell_and_line(run):
    bad = answer("def f(x):\n    return (x", "f")
    code, out = run(cell(IMPORTS), bad, graded("checks.equal(f(0), 1, 'one')", "test_f_one"))
    assert code == 1
    assert "cell 2 (`f`) stopped:" in out
    assert "line 2: '(' was never closed: return (x" in out
    assert "NameError: name 'f' is not defined" in out


@pytest.mark.filterwarnings("ignore")
def test_what_the_cells_print_is_not_shown(run, capfd):
    noisy = answer(
        "import sys, warnings\n"
        "def f():\n    print('noise')\n    print('noise', file=sys.stderr)\n"
        "    warnings.warn('noise')\n    display('noise')\n    return 1\n'noise'",
        "f",
    )
    display = cell(IMPORTS + "\nfrom IPython.display import display")
    code, out = run(display, noisy, graded("checks.equal(f(), 1, 'one')", "test_f_one"))
    assert code == 0
    captured = capfd.readouterr()
    assert "noise" not in out + captured.out + captured.err


def test_demonstrations_are_skipped_and_hidden_tests_cut(run):
    demo = cell("raise ValueError('slow')", tags=["demo"])
    test = graded(
        "checks.equal(double(2), 4, 'twice')\n"
        "### BEGIN HIDDEN TESTS\nimport nothing_like_this\n### END HIDDEN TESTS",
        "test_double_two",
    )
    code, out = run(cell(IMPORTS), DOUBLE, demo, test)
    assert code == 0
    assert "stopped" not in out


def test_visible_source_keeps_what_follows_the_region():
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc"
    assert visible_source(source) == "a\nc"


def test_written_questions_and_strays_are_mentioned(run):
    written = cell("why", "why", points=2, grade=True, solution=True, kind="markdown")
    stray = graded("pass", "test_nothing_here", 3)
    code, out = run(cell(IMPORTS), DOUBLE, RIGHT, written, stray)
    assert code == 0
    assert "Nor is 1 question graded by hand (2 points)" in out
    assert "other checks" in out
    assert "4 of 4" in out


def test_a_cell_of_the_students_that_stops_is_mentioned(run):
    code, out = run(cell(IMPORTS), DOUBLE, cell("1/0"), RIGHT)
    assert code == 0
    assert "cell 3 stopped:\n      ZeroDivisionError: division by zero" in out


NORM = {"withheld": {"by": "week 13", "names": ["numpy.linalg.norm", "no_such.thing"]}}
ORACLE = "np.linalg.norm(np.array([3.0, 4.0]))"
MEASURED = graded(
    f"def oracle():\n    return {ORACLE}\n\nwanted = {ORACLE}, oracle()\n"
    "checks.close(length(np.array([3.0, 4.0])), wanted[1], 'as NumPy has it')",
    "test_length_five",
)


def test_what_is_withheld_refuses_an_answer_and_serves_a_test(run):
    import numpy as np

    norm = np.linalg.norm
    given = cell(f"import numpy as np\nfrom helpers import checks\nfive = {ORACLE}")
    borrowed = answer("def length(x):\n    return np.linalg.norm(x)", "length")
    code, out = run(given, borrowed, MEASURED, course=NORM)
    assert code == 1
    assert "RuntimeError: week 13 asks you to write this yourself: numpy.linalg.norm" in out
    assert "in cell 2 (`length`), line 2: return np.linalg.norm(x)" in out
    own = answer("def length(x):\n    return (x**2).sum() ** 0.5", "length")
    assert run(given, own, MEASURED, course=NORM)[0] == 0
    assert run(given, borrowed, MEASURED)[0] == 0
    assert np.linalg.norm is norm


@pytest.mark.parametrize("course", [[], {"withheld": 3}, {"withheld": {"names": 3, "by": None}}])
def test_metadata_that_make_no_sense_withhold_nothing(run, course):
    assert run(cell(IMPORTS), DOUBLE, RIGHT, course=course)[0] == 0


def test_of_doubled_tests_the_last_counts(run):
    broken = graded("1/0", "test_double_two")
    assert run(cell(IMPORTS), DOUBLE, broken, RIGHT)[0] == 0


@pytest.mark.filterwarnings("ignore")
def test_magics_input_and_exit_do_no_harm(run):
    odd = cell("%config InlineBackend.figure_format = 'svg'\nexit()")
    asks = cell("input('name? ')")
    quits = cell("raise SystemExit(3)")
    code, out = run(cell(IMPORTS), odd, asks, quits, DOUBLE, RIGHT)
    assert code == 0
    assert "EOFError" in out
    assert "1 of 1" in out


@pytest.mark.parametrize(
    "loop", ["while True:\n        pass", "import time\n    time.sleep(100)"], ids=["busy", "sleep"]
)
def test_the_time_limit(run, loop):
    endless = answer(f"def f():\n    {loop}", "f")
    test = graded("checks.equal(f(), 1, 'one')", "test_f_one")
    start = time.monotonic()
    code, out = run(cell(IMPORTS), endless, test, DOUBLE, RIGHT, options=["--seconds", "0.3"])
    assert time.monotonic() - start < 20
    assert code == 1
    assert "took longer than 0.3 s (an endless loop?)" in out
    assert "1 of 2" in out


def test_json(run):
    code, out = run(cell(IMPORTS), DOUBLE, RIGHT, WRONG, cell("1/0"), options=["--json"])
    facts = json.loads(out)
    assert code == 1
    assert [check["state"] for check in facts["checks"]] == ["passed", "failed"]
    assert [check["points"] for check in facts["checks"]] == [1, 0]
    assert facts["checks"][1]["message"].startswith("twice two")
    assert facts["stopped"] == [
        {"cell": 5, "message": "ZeroDivisionError: division by zero\nin cell 5, line 1: 1/0"}
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        ("{", "not valid JSON"),
        ('{"nbformat": 3}', "old notebook format"),
        ('{"nbformat": 4, "cells": []}', "has no checks in it"),
    ],
)
def test_bad_input_ends_in_two_lines(tmp_path, capsys, content, words):
    path = tmp_path / "week.ipynb"
    if content is not None:
        path.write_text(content)
    assert main([str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 2


@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf"])
def test_bad_time_limit(capsys, value):
    with pytest.raises(SystemExit) as caught:
        main(["x.ipynb", "--seconds", value])
    assert caught.value.code == 2
    assert "not a number of seconds" in capsys.readouterr().err


def test_nothing_of_the_process_is_left_changed(run, tmp_path):
    before = os.getcwd(), list(sys.path), sys.modules["__main__"], sys.stdout
    run(cell(IMPORTS + "\nimport os\nopen('here.txt', 'w').close()"), DOUBLE, RIGHT)
    assert (os.getcwd(), sys.path, sys.modules["__main__"], sys.stdout) == before
    assert (tmp_path / "here.txt").exists()


def bundle(tmp_path: Path, *cells: dict) -> Path:
    """A folder as a student has it: the notebook, helpers and nothing else of the course."""
    folder = tmp_path / "bundle"
    shutil.copytree(ROOT / "helpers", folder / "helpers")
    data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    (folder / "week.ipynb").write_text(json.dumps(data))
    return folder


def command(folder: Path, *options: str) -> subprocess.Popen:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LC_ALL": "C"}
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.check", "week.ipynb", *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_from_a_bundle(tmp_path):
    where = cell("import helpers\nhelpers_folder = helpers.__file__")
    test = graded(
        "import os\nchecks.true(helpers_folder.startswith(os.getcwd()), 'own helpers')\n"
        "checks.forbids(double, 'np.dot')\nchecks.vectorised(double)",
        "test_double_two",
    )
    folder = bundle(tmp_path, cell(IMPORTS), where, DOUBLE, test)
    process = command(folder)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "1 of 1" in out
    assert not (folder / "home").exists()


def test_a_closed_pipe_is_no_error(tmp_path):
    folder = bundle(tmp_path, cell(IMPORTS), DOUBLE, RIGHT)
    process = command(folder)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 0


def test_a_loop_that_swallows_the_interruption_ends_all_the_same(tmp_path):
    endless = answer(
        "def f():\n    while True:\n        try:\n            for i in range(10**9): i + 1\n"
        "        except BaseException: continue",
        "f",
    )
    test = graded("checks.equal(f(), 1, 'one')", "test_f_one")
    folder = bundle(tmp_path, cell(IMPORTS), DOUBLE, RIGHT, endless, test, WRONG)
    process = command(folder, "--seconds", "0.5")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "and would not stop" in out
    assert "was not run" in out
    assert "1 of 4" in out


def test_interruption_by_the_user(tmp_path):
    endless = cell("open('started', 'w').close()\nwhile True: pass")
    folder = bundle(tmp_path, cell(IMPORTS), endless, DOUBLE, RIGHT)
    process = command(folder)
    while not (folder / "started").exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err == "Interrupted; nothing was changed.\n"
