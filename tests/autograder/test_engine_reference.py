"""The reference engine: points as deserved, and nothing that a submission does harms the run."""

import functools
import json
import socket
import sqlite3
import time

import nbformat
import pytest
from graded_course import HIDDEN_LINES, NAME, POINTS_RIGHT, RIGHT, WEEK, hand_in, make_course

from autograder import grading
from autograder.assignment import prepare_assignment
from autograder.course import load_course
from autograder.engines import find_engine
from autograder.engines.reference.engine import ReferenceEngine
from autograder.errors import CourseError
from autograder.gradebook import gradebook_path
from autograder.records import read_record, read_records
from autograder.wall import Outcome

grade_week = functools.partial(grading.grade_week, engine="nbgrader")

HONEST = {
    "right": RIGHT,
    "otherwise": {
        "double": "import functools\n\ndouble = functools.partial(np.multiply, 2)",
        "total": "def total(x):\n    return np.einsum('...i->...', x)",
        "why_double": "It is so.",
    },
    "half": {"double": RIGHT["double"]},
    "wrong_axis": {**RIGHT, "total": "def total(x):\n    return x.sum(axis=0)"},
    "exception": {**RIGHT, "double": "def double(x):\n    y = [x]\n    return y[1]"},
    "untouched": {},
    "syntax_error": {**RIGHT, "total": "def total(x):\n    return x.sum(axis=-1"},
    "warns": {
        **RIGHT,
        "double": "import sys\ndef double(x):\n    print('hm', file=sys.stderr)\n    return 2 * x",
    },
    "endless_loop": {**RIGHT, "double": "def double(x):\n    while True:\n        pass"},
    "prints_10_mb": {
        **RIGHT,
        "double": "def double(x):\n    print('x' * 10_000_000)\n    return 2 * x",
    },
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def honest(course):
    for student, answers in HONEST.items():
        hand_in(course, student, answers)
    seen = []
    records = grade_week(
        course,
        course.weeks[0],
        students=list(HONEST),
        workers=2,
        progress=lambda *told: seen.append(told),
    )
    assert [told[:2] for told in seen] == [(n, len(HONEST)) for n in range(len(HONEST) + 1)]
    return {record.student: record for record in records}


def scores(record):
    return {test.grade_id: test.points for test in record.tests}


def messages(record):
    return {test.grade_id: test.message for test in record.tests if not test.passed}


@pytest.mark.slow
class TestHonest:
    @pytest.mark.parametrize(
        ("student", "points"),
        [
            ("right", [1, 2, 1, 2]),
            ("otherwise", [1, 2, 1, 2]),
            ("half", [1, 2, 0, 0]),
            ("wrong_axis", [1, 2, 0, 0]),
            ("exception", [0, 0, 1, 2]),
            ("untouched", [0, 0, 0, 0]),
            ("syntax_error", [1, 2, 0, 0]),
            ("warns", [1, 2, 1, 2]),
            ("endless_loop", [0, 0, 1, 2]),
            ("prints_10_mb", [1, 2, 1, 2]),
        ],
    )
    def test_points_are_as_deserved(self, honest, student, points):
        record = honest[student]
        assert record.status == "graded"
        assert record.problem is None
        assert list(scores(record).values()) == points
        assert record.max_points == 8
        passed = [test.passed for test in record.tests]
        assert passed == [point > 0 for point in points]

    def test_written_answers_wait_for_a_person_unless_untouched(self, honest):
        assert honest["right"].written[0].points is None
        assert honest["right"].awaits_hand_grading
        assert honest["untouched"].written[0].points == 0
        assert honest["untouched"].untouched == ["double", "total", "why_double"]

    def test_a_failed_check_says_its_sentence(self, honest):
        assert "each row has its own sum" in messages(honest["wrong_axis"])["test_total_rows"]

    def test_what_is_not_written_is_named(self, honest):
        found = messages(honest["half"])
        assert found["test_total_rows"] == "`total` is not written yet"

    def test_an_exception_is_shown_as_the_students_with_the_line(self, honest):
        found = messages(honest["exception"])["test_double_values"]
        assert found.startswith("IndexError: list index out of range")
        assert "line 3 of `double`: return y[1]" in found

    def test_a_syntax_error_is_named_where_it_is(self, honest):
        found = messages(honest["syntax_error"])["test_total_rows"]
        assert "`total` is not defined" in found
        assert "SyntaxError" in found
        assert "line 2" in found

    def test_a_time_out_is_named_and_later_tests_get_their_due(self, honest):
        record = honest["endless_loop"]
        assert messages(record)["test_double_values"] == "took longer than 4 s"
        assert [test.timed_out for test in record.tests] == [True, True, False, False]

    def test_long_output_is_cut(self, honest, course):
        record = honest["prints_10_mb"]
        assert record.tests[0].truncated
        assert read_record(course, course.weeks[0], "prints_10_mb") == record
        size = (course.private / "records" / WEEK / "prints_10_mb.json").stat().st_size
        assert size < 200_000

    def test_no_hidden_test_is_in_any_record(self, honest, course):
        assert len(honest) == len(HONEST)
        for path in (course.private / "records" / WEEK).glob("*.json"):
            text = path.read_text()
            for line in (*HIDDEN_LINES, "0.625", "secret_array", "expected_secret"):
                assert line not in text

    def test_marks_are_in_the_gradebook(self, honest, course):
        with sqlite3.connect(gradebook_path(course)) as book:
            rows = book.execute(
                "select student.id, sum(grade.auto_score) from grade"
                " join submitted_notebook on grade.notebook_id = submitted_notebook.id"
                " join submitted_assignment on submitted_notebook.assignment_id ="
                " submitted_assignment.id"
                " join student on submitted_assignment.student_id = student.id group by student.id"
            ).fetchall()
        assert dict(rows) == {name: sum(scores(record).values()) for name, record in honest.items()}

    def test_autograded_notebooks_are_valid_and_hold_the_hidden_tests(self, honest, course):
        for student in honest:
            path = course.private / "autograded" / student / WEEK / f"{NAME}.ipynb"
            assert path.stat().st_size < 500_000
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
            assert HIDDEN_LINES[0] in path.read_text()

    def test_a_second_run_grades_nothing(self, honest, course):
        seen = []
        again = grade_week(
            course,
            course.weeks[0],
            students=list(honest),
            progress=lambda *told: seen.append(told),
        )
        assert seen == [(0, 0, None)]
        assert {record.student: record for record in again} == honest

    def test_a_changed_submission_is_graded_again_alone(self, honest, course):
        path = course.private / "submitted" / "half" / WEEK / f"{NAME}.ipynb"
        before = path.read_text()
        notebook = json.loads(before)
        next(c for c in notebook["cells"] if "def total" in "".join(c["source"]))["source"] = RIGHT[
            "total"
        ]
        path.write_text(json.dumps(notebook))
        seen = []
        try:
            grade_week(course, course.weeks[0], progress=lambda *told: seen.append(told))
        finally:
            path.write_text(before)
        assert [told[2].student for told in seen if told[2]] == ["half"]
        assert seen[-1][2].points == POINTS_RIGHT
        assert len(read_records(course, course.weeks[0])) == len(HONEST)


PROBE = """
import os, socket

def tried(what, f):
    try:
        print(what, "->", f())
    except BaseException as error:
        print(what, "-> refused", type(error).__name__)
"""

HOSTILE = {
    "reader": PROBE
    + """
for place in PLACES:
    tried(place, lambda: os.listdir(place) if os.path.isdir(place) else open(place, "rb").read(9))
tried("environment", lambda: "LEAKED" if "COURSE_TEST_SECRET" in os.environ else "clean")
tried("processes", lambda: sorted(p for p in os.listdir("/proc") if p.isdigit())[:9] and "own")
tried("others", lambda: [s for s in os.listdir("/tmp/course/submitted")])
""",
    "network": PROBE
    + """
def connect(address):
    with socket.create_connection(address, timeout=2):
        return "CONNECTED"
tried("outside", lambda: connect(("1.1.1.1", 53)))
tried("name", lambda: socket.gethostbyname("example.org"))
tried("host", lambda: connect(("127.0.0.1", HOST_PORT)))
tried("interfaces", lambda: [name for _, name in socket.if_nameindex()])
""",
    "writer": PROBE
    + """
for place in ["/evil", "/usr/lib/evil", "/week/helpers/evil.py", "/grader/autograder/evil.py",
              "/job/evil", "/dev/evil", "/proc/sys/kernel/core_pattern", *PLACES]:
    tried(place, lambda: os.close(os.open(place, os.O_WRONLY)) or "OPENED")
    tried(place, lambda: os.close(os.open(place + "/evil", os.O_WRONLY | os.O_CREAT)) or "MADE")
tried("root", lambda: os.setuid(0) or "ROOT")
tried("owner", lambda: os.getuid())
""",
    "fork_bomb": "import os, time\nfor _ in range(11):\n    os.fork()\ntime.sleep(999)",
    "memory_bomb": "hoard = []\nwhile True:\n    hoard.append(np.ones(5_000_000))",
    "disk_bomb": PROBE
    + """
def fill(place):
    size = 0
    for n in range(10_000):
        with open(f"{place}/{n}", "wb") as file:
            for _ in range(10):
                size += file.write(bytes(1_000_000))
    return f"WROTE {size}"
tried("scratch", lambda: fill("/tmp"))
tried("shared", lambda: fill("/dev/shm"))
""",
    "kills_all": "import os, signal\nos.kill(-1, signal.SIGKILL)",
    "leaves": "import os\nos._exit(0)",
    "deaf_loop": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    ),
    "endless_print": "while True:\n    print('y' * 1000, flush=True)",
    "raw_print": "import os\nwhile True:\n    os.write(1, b'z' * 65536)",
    "demon": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)",
}


ENDS_THE_GRADING = ("fork_bomb", "kills_all", "disk_bomb")


@pytest.fixture(scope="module")
def hostile(course, tmp_path_factory):
    outside = tmp_path_factory.mktemp("instructor")
    (outside / "notes.txt").write_text("model answers")
    places = [course.root, course.private, gradebook_path(course), outside, outside / "notes.txt"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        constants = f"PLACES = {[str(p) for p in places]}\nHOST_PORT = {server.getsockname()[1]}\n"
        for student, attack in HOSTILE.items():
            hand_in(course, student, {"double": constants + attack, "total": RIGHT["total"]})
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COURSE_TEST_SECRET", "LEAKED")
            started = time.monotonic()
            records = grade_week(course, course.weeks[0], students=list(HOSTILE), workers=2)
            took = time.monotonic() - started
    assert took < 200
    assert sorted(path.name for path in outside.iterdir()) == ["notes.txt"]
    return {record.student: record for record in records}


def output(record):
    return next(cell.output for cell in record.cells if cell.grade_id == "double")


@pytest.mark.slow
class TestHostile:
    def test_nobody_gets_what_is_not_deserved(self, hostile):
        for record in hostile.values():
            assert scores(record)["test_double_values"] == 0
            assert scores(record)["test_double_arrays"] == 0

    @pytest.mark.parametrize(
        "student",
        [name for name in HOSTILE if name not in ENDS_THE_GRADING],
    )
    def test_the_other_exercise_keeps_its_points(self, hostile, student):
        record = hostile[student]
        assert record.status == "graded"
        assert scores(record)["test_total_rows"] == 1
        assert scores(record)["test_total_random"] == 2

    def test_nothing_of_the_instructor_can_be_read(self, hostile):
        lines = output(hostile["reader"]).splitlines()
        assert len(lines) == 8
        assert sum("refused" in line for line in lines) == 5
        assert lines[5:] == ["environment -> clean", "processes -> own", "others -> ['student']"]

    def test_there_is_no_network(self, hostile):
        lines = output(hostile["network"]).splitlines()
        assert [line.split()[2] for line in lines[:3]] == ["refused"] * 3
        assert lines[3] == "interfaces -> ['lo']"

    def test_nothing_outside_can_be_written(self, hostile):
        text = output(hostile["writer"])
        assert "OPENED" not in text
        assert "MADE" not in text
        assert "ROOT" not in text
        assert text.endswith("owner -> 65534\n")

    def test_the_disk_is_not_filled(self, hostile):
        record = hostile["disk_bomb"]
        assert record.problem == "its code filled the folder for temporary files"

    @pytest.mark.parametrize(
        ("student", "word"),
        [("fork_bomb", "processes"), ("kills_all", "before there was a result")],
    )
    def test_what_ends_the_grading_is_one_line(self, hostile, student, word):
        record = hostile[student]
        assert record.status == "failed"
        assert word in record.problem
        assert "\n" not in record.problem
        assert record.points == 0

    @pytest.mark.parametrize("student", ["endless_print", "raw_print"])
    def test_endless_printing_is_cut_and_stopped(self, hostile, student):
        assert len(output(hostile[student])) < 30_000

    def test_a_dead_kernel_is_said(self, hostile):
        cell = next(c for c in hostile["leaves"].cells if c.grade_id == "double")
        assert "Python died" in cell.error

    def test_nothing_is_left_running(self, hostile, left_running):
        assert len(hostile) == len(HOSTILE)
        assert left_running() == []


def test_an_unknown_engine_is_named():
    with pytest.raises(CourseError, match="no engine 'quick'"):
        find_engine("quick")


@pytest.fixture(scope="module")
def grader(course):
    with (
        prepare_assignment(course, course.weeks[0]) as assignment,
        ReferenceEngine().prepare(course, assignment, "none") as grader,
    ):
        yield grader


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x80\x04.",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"scores": {"test_double_values": NaN}}',
        b'{"scores": {"test_double_values": Infinity}}',
        b'{"scores": {"test_double_values": 1e999}}',
        b'{"scores": {"test_double_values": "x"}}',
        b'{"scores": 7}',
        b'{"invented": 1}',
        b'{"cells": [{"cell": "x"}]}',
        b'{"cells": [{"cell": 0, "outputs": [{"kind": "html", "text": "x"}]}]}',
        b'{"scores": {}} trailing',
    ],
    ids=lambda answer: answer[:30].decode("ascii", "replace"),
)
def test_results_that_are_not_valid_are_one_line(grader, answer):
    findings = grader.findings(Outcome("finished", 0, answer, "said\nlast"))
    assert findings.problem
    assert "\n" not in findings.problem
    assert (findings.scores, findings.cells) == ({}, [])


@pytest.mark.slow
def test_what_was_done_in_time_keeps_its_points(tmp_path):
    make_course(tmp_path)
    syllabus = (tmp_path / "course.toml").read_text()
    syllabus = syllabus.replace("seconds_per_cell = 4", "seconds_per_cell = 30")
    syllabus = syllabus.replace("seconds_per_notebook = 60", "seconds_per_notebook = 10")
    (tmp_path / "course.toml").write_text(syllabus)
    course = load_course(tmp_path)
    hand_in(course, "slow", {**RIGHT, "total": "import time\ndef total(x):\n    time.sleep(99)"})
    (record,) = grade_week(course, course.weeks[0])
    assert record.status == "graded"
    assert list(scores(record).values()) == [1, 2, 0, 0]
    assert record.tests[2].timed_out
    assert record.tests[3].message.startswith("not run: the notebook had used up its time")


@pytest.mark.slow
def test_without_a_wall_the_points_are_the_same(tmp_path):
    course = make_course(tmp_path)
    hand_in(course, "right", RIGHT)
    hand_in(course, "half", HONEST["half"])
    half, right = grade_week(course, course.weeks[0], sandbox="none")
    assert (half.points, right.points) == (3, POINTS_RIGHT)
    assert (half.sandbox, right.sandbox) == ("none", "none")
