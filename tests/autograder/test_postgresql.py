"""A gradebook in PostgreSQL: the same marks, one grader at a time, and sentences for mistakes.

A server of our own is started for these tests, on a socket in a temporary folder; without its
programs (Debian, Ubuntu: `apt install postgresql`) they are skipped.
"""

import contextlib
import csv
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import nbgrader.api
import pytest
from graded_course import NAME, RIGHT, WEEK, hand_in, make_course
from nbgrader.api import Base, Gradebook

from autograder.assignment import own_programs, prepare_assignment
from autograder.cli import main
from autograder.course import load_course
from autograder.database import VARIABLE
from autograder.errors import CourseError
from autograder.feedback import write_feedback
from autograder.gradebook import open_gradebook
from autograder.grading import grade_week
from autograder.postgresql import hold_week, make_tables
from autograder.records import SubmissionRecord, TestRecord, WrittenRecord
from autograder.report import write_report

psycopg2 = pytest.importorskip("psycopg2")
PASSWORD = "corr:ct%horse"
WRITTEN = "corr%3Act%25horse"
VERSION = "e43177bfe90b"  # how nbgrader names its schema, see nbgrader/alembic/versions
ADMINISTRATOR = "postgres"
OPTIONS = "-c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c max_connections=40"
PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt/postgresql", "/usr/pgsql")
CURIOUS = """
import numpy as np
seen = []
for look in (
    lambda: dict(__import__("os").environ),
    lambda: open("/proc/self/environ").read(),
    lambda: open("/proc/1/environ").read(),
    lambda: [open(f"/proc/{n}/environ").read() for n in __import__("os").listdir("/proc")],
):
    try:
        seen.append(look())
    except BaseException as error:
        seen.append(repr(error))
print("what I saw:", seen)
def double(x):
    return 2 * x
"""
STUDENTS = {
    "ada": RIGHT,
    "curious": {**RIGHT, "double": CURIOUS},
    "łukasz żak": {"double": RIGHT["double"], "why_double": "It is."},
}
SCORES = {"ada": 6, "curious": 6, "łukasz żak": 3}

fork = multiprocessing.get_context("fork")


def find_programs():
    """Find the folder of initdb and pg_ctl, the newest where there are several."""
    found = [path.parent for place in PLACES for path in Path(place).glob("*/bin/initdb")]
    beside = shutil.which("initdb")
    found += [Path(beside).resolve().parent] if beside else []
    whole = [folder for folder in found if (folder / "pg_ctl").is_file()]
    return max(
        whole, key=lambda folder: [int(n) for n in folder.parts if n.isdigit()], default=None
    )


class Server:
    """A throw-away cluster; a user who is root starts it as nobody, as PostgreSQL demands."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder

    def run(self, program, *arguments):
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        as_whom = {"user": nobody.pw_uid, "group": nobody.pw_gid} if nobody else {}
        done = subprocess.run(
            [self.programs / program, f"--pgdata={self.folder}/data", *arguments],
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            extra_groups=[] if nobody else None,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{program}.log").open("ab"),
            timeout=300,
            **as_whom,
        )
        said = (self.folder / f"{program}.log").read_text()
        assert done.returncode == 0, said

    def start(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        self.run("initdb", "--auth=trust", f"--username={ADMINISTRATOR}", "--no-sync")
        rules = f"local all {ADMINISTRATOR} trust\nlocal all all scram-sha-256\n"
        (self.folder / "data" / "pg_hba.conf").write_text(rules)
        options = f"{OPTIONS} -k {self.folder}"
        self.run("pg_ctl", "--wait", "--timeout=120", "--log=log", f"--options={options}", "start")
        self.sql(f"CREATE ROLE grader LOGIN PASSWORD '{PASSWORD}'")
        self.sql(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")

    def stop(self):
        self.run("pg_ctl", "--mode=immediate", "stop")

    def sql(self, statement, database="postgres"):
        with contextlib.closing(
            psycopg2.connect(host=self.folder, user=ADMINISTRATOR, dbname=database)
        ) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def database(self, name, encoding="UTF8"):
        self.sql(
            f"CREATE DATABASE {name} OWNER grader TEMPLATE template0 "
            f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        return self.url(name)

    def url(self, name, user="grader", password=WRITTEN):
        return f"postgresql://{user}:{password}@/{name}?host={self.folder}"


@pytest.fixture(scope="module")
def server():
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl are not installed")
    with tempfile.TemporaryDirectory(prefix="course-pg-", dir="/tmp") as folder:
        server = Server(programs, Path(folder))  # a socket's path must be short
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module", autouse=True)
def _ask_alembic_once():
    """nbgrader starts a second Python to learn its schema's version: once is enough here."""
    with own_programs():
        version = nbgrader.api.get_alembic_version()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nbgrader.api, "get_alembic_version", lambda: version)
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A course that no test changes, and its week ready to grade against."""
    course = make_course(tmp_path_factory.mktemp("course"))
    with prepare_assignment(course, course.weeks[0]) as assignment:
        yield course, assignment


@pytest.fixture
def course(server, place, monkeypatch, request):
    """The course with an empty database of its own."""
    name = "".join(c if c.isalnum() else "_" for c in request.node.name.lower())[-60:]
    monkeypatch.setenv(VARIABLE, server.database(f"t{name}"))
    return load_course(place[0].root)


@pytest.fixture
def assignment(place):
    return place[1]


def make(student="ada", points=(1, 2, 0, 0)):
    names = ["test_double_values", "test_double_arrays", "test_total_rows", "test_total_random"]
    return SubmissionRecord(
        week=WEEK,
        student=student,
        engine="judge",
        sandbox="none",
        graded_at="2027-03-09T12:00:00+00:00",
        tests=[
            TestRecord(grade_id=name, points=got, max_points=most, passed=got == most)
            for name, got, most in zip(names, points, (1, 2, 1, 2), strict=True)
        ],
        written=[WrittenRecord(grade_id="why_double", max_points=2)],
    )


def merge(course, assignment, *records, fresh=True):
    with open_gradebook(course, assignment) as book:
        for record in records:
            book.merge(record, fresh=fresh)


def stored(course):
    """Every score, by student and cell, as nbgrader's own interface gives it."""
    with Gradebook(course.gradebook_url, "deep-learning") as book:
        return {
            (submission.student.id, grade.name): (
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
            )
            for submission in book.assignment_submissions(WEEK)
            for grade in submission.notebooks[0].grades
        }


def scores(course):
    with Gradebook(course.gradebook_url, "deep-learning") as book:
        return {s.student.id: s.score for s in book.assignment_submissions(WEEK)}


def name_of(course):
    """Give the database's name."""
    return course.gradebook_url.partition("?")[0].rpartition("/")[2]


def sessions(course):
    return f"pg_stat_activity WHERE datname = '{name_of(course)}'"


def by_hand(course, student, points):
    with Gradebook(course.gradebook_url, "deep-learning") as book:
        grade = book.find_grade("why_double", NAME, WEEK, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("why_double", NAME, WEEK, student).manual_comment = "well said"
        book.db.commit()


def in_a_process(function):
    """Run a function in a forked process; give its exit code."""
    process = fork.Process(target=function)
    process.start()
    process.join(120)
    return process.exitcode


@pytest.mark.slow
class TestClass:
    """A class graded once; the tests below look at what came of it."""

    @pytest.fixture(scope="class")
    def graded(self, server, tmp_path_factory):
        root = make_course(tmp_path_factory.mktemp("class")).root
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, server.database("class"))
            course = load_course(root)
            for student, answers in STUDENTS.items():
                hand_in(course, student, answers)
            records = grade_week(course, course.weeks[0])
            yield course, records

    def test_marks_are_the_records(self, graded):
        course, records = graded
        assert {record.student: record.points for record in records} == SCORES
        assert scores(course) == SCORES
        assert not (course.private / "gradebook.db").exists()
        found = stored(course)
        assert len(found) == 5 * len(STUDENTS)
        for record in records:
            for test in record.tests:
                assert found[record.student, test.grade_id] == (test.points, None, False)
            assert found[record.student, "why_double"] == (None, None, True)

    def test_the_password_reached_no_student_and_no_file(self, graded):
        course, records = graded
        write_feedback(course, course.weeks[0], records)
        write_report(course, course.weeks[0], records)
        curious = next(record for record in records if record.student == "curious")
        assert any("what I saw:" in cell.output for cell in curious.cells)
        for path in (path for path in course.root.rglob("*") if path.is_file()):
            content = path.read_bytes()
            for secret in (PASSWORD, WRITTEN, VARIABLE):
                assert secret.encode() not in content, path

    def test_twice_is_the_same_and_a_mark_given_by_hand_stays(self, graded):
        course, _ = graded
        by_hand(course, "ada", 1.5)
        before = stored(course)
        again = grade_week(course, course.weeks[0])
        assert stored(course) == before
        assert before["ada", "why_double"] == (None, 1.5, False)
        assert again[0].written[0].points == 1.5
        assert again[0].comments == {"why_double": "well said"}

    def test_sqlite_gets_the_same_marks(self, graded, monkeypatch):
        course, _ = graded
        automatic = {key: value[0] for key, value in stored(course).items()}
        monkeypatch.delenv(VARIABLE)
        in_a_file = load_course(course.root)
        grade_week(in_a_file, in_a_file.weeks[0])
        assert in_a_file.gradebook_url.startswith("sqlite:")
        assert {key: value[0] for key, value in stored(in_a_file).items()} == automatic

    def test_nbgraders_own_commands_work_on_it(self, graded, tmp_path):
        course, _ = graded
        table = tmp_path / "grades.csv"
        program = str(Path(sys.executable).with_name("nbgrader"))
        for arguments in (["db", "student", "list"], ["export", "--to", str(table)]):
            done = subprocess.run(
                [program, *arguments], cwd=course.root, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            assert PASSWORD not in done.stdout + done.stderr
            if "list" in arguments:
                assert "łukasz żak" in done.stdout
        with table.open(newline="", encoding="utf-8") as file:
            rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
        assert rows.keys() == SCORES.keys()
        assert rows["curious"] == SCORES["curious"]

    def test_formgraders_queries_work_on_it(self, graded):
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory

        from autograder.assignment import nbgrader_configuration

        course, _ = graded
        configuration = nbgrader_configuration(course)
        api = NbGraderAPI(CourseDirectory(config=configuration), config=configuration)
        assert api.get_assignment(WEEK)["num_submissions"] == len(STUDENTS)
        assert {s["student"] for s in api.get_submissions(WEEK)} == set(STUDENTS)
        assert [n["name"] for n in api.get_notebooks(WEEK)] == [NAME]
        assert len(api.get_notebook_submissions(WEEK, NAME)) == len(STUDENTS)
        assert {s["id"]: s["score"] for s in api.get_students()}["curious"] == 6
        assert [s["score"] for s in api.get_student_submissions("curious")] == [6]
        assert len(api.get_student_notebook_submissions("ada", WEEK)) == 1


class TestKilled:
    """`kill -9` at the worst moments; the next run makes up for it."""

    def die(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def mend(self, course, assignment):
        merge(course, assignment, make("ada"), make("eve", (1, 2, 1, 2)))
        assert scores(course) == {"ada": 3, "eve": 6}
        assert len(stored(course)) == 10
        with Gradebook(course.gradebook_url, "deep-learning") as book:
            from sqlalchemy import text

            found = book.db.execute(text("SELECT version_num FROM alembic_version")).scalars()
            assert list(found) == [VERSION]

    def test_while_tables_are_made(self, course, assignment, monkeypatch, server):
        create_all = Base.metadata.create_all

        def make_and_die(connection):
            create_all(connection)
            self.die()

        def child():
            monkeypatch.setattr(Base.metadata, "create_all", make_and_die)
            merge(course, assignment, make())

        assert in_a_process(child) == -signal.SIGKILL
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert server.sql(tables, name_of(course)) == [(0,)]
        self.mend(course, assignment)

    def test_while_cells_are_saved(self, course, assignment, monkeypatch):
        from nbgrader.preprocessors import SaveCells

        save = SaveCells.preprocess

        def save_and_die(step, notebook, resources):
            save(step, notebook, resources)
            self.die()

        def child():
            monkeypatch.setattr(SaveCells, "preprocess", save_and_die)
            merge(course, assignment, make())

        assert in_a_process(child) == -signal.SIGKILL
        self.mend(course, assignment)

    @pytest.mark.parametrize("commits", [1, 2, 3, 5])
    def test_while_marks_are_merged(self, course, assignment, commits):
        def child():
            with open_gradebook(course, assignment) as book:
                commit, left = book._book.db.commit, [commits]

                def count():
                    left[0] -= 1
                    if not left[0]:
                        book._book.db.flush()
                        self.die()
                    commit()

                book._book.db.commit = count
                book.merge(make("ada"), fresh=True)
                book.merge(make("eve", (1, 2, 1, 2)), fresh=True)

        assert in_a_process(child) == -signal.SIGKILL
        self.mend(course, assignment)


class TestTwoGraders:
    def test_the_second_is_told_who_is_at_work(self, course, assignment):
        url = course.gradebook_url
        with hold_week(url, WEEK):
            with pytest.raises(CourseError, match=f"at work on {WEEK}") as caught:
                merge(course, assignment, make())
            assert f"process {os.getpid()} on " in caught.value.message
            with hold_week(url, "week02_other"):  # another week is free
                pass
        merge(course, assignment, make())
        assert scores(course) == {"ada": 3}

    def test_first_openings_at_once_make_the_tables_once(self, course, server):
        url, failures = course.gradebook_url, []
        start = threading.Barrier(4)

        def open_first(number):
            try:
                start.wait(60)
                with hold_week(url, f"week{number:02}_x") as lock, lock.setting_up():
                    make_tables(url)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=open_first, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert server.sql("SELECT version_num FROM alembic_version", name_of(course)) == [
            (VERSION,)
        ]

    def test_a_student_whom_another_week_has_just_made(self, course, assignment, monkeypatch):
        with open_gradebook(course, assignment) as book:
            find = book._book.find_student

            def find_too_early(name):
                from nbgrader.api import MissingEntry

                monkeypatch.setattr(book._book, "find_student", find)
                with Gradebook(course.gradebook_url, "deep-learning") as other:
                    other.add_student(name)
                raise MissingEntry(name)

            monkeypatch.setattr(book._book, "find_student", find_too_early)
            book.merge(make(), fresh=True)
        assert scores(course) == {"ada": 3}

    def test_a_grader_without_its_lock_stops(self, course, assignment, server):
        end = f"SELECT pg_terminate_backend(pid) FROM {sessions(course)}"

        def lose_it_in_the_middle():
            with open_gradebook(course, assignment) as book:
                book.merge(make("ada"), fresh=True)
                server.sql(f"{end} AND application_name LIKE 'course, process%'")
                book.merge(make("eve"), fresh=True)

        with pytest.raises(CourseError, match="cannot be read or written") as caught:
            lose_it_in_the_middle()
        assert "run it again" in caught.value.cure
        assert scores(course) == {"ada": 3}
        merge(course, assignment, make("ada"), make("eve"))
        assert scores(course) == {"ada": 3, "eve": 3}


class TestMistakes:
    """One sentence and a cure each: no traceback, no password."""

    @pytest.fixture
    def fails(self, place, assignment, monkeypatch, capfd):
        def attempt(url):
            monkeypatch.setenv(VARIABLE, url)
            with pytest.raises(CourseError) as caught:
                merge(load_course(place[0].root), assignment, make())
            said = str(caught.value) + "".join(capfd.readouterr())
            assert PASSWORD not in said
            assert WRITTEN not in said
            assert "Traceback" not in said
            assert len(str(caught.value).splitlines()) == 2
            return str(caught.value)

        return attempt

    def test_wrong_password(self, server, fails):
        said = fails(server.url("postgres", password="wrong%20horse"))
        assert "password authentication failed" in said
        assert f"right password into {VARIABLE}" in said
        assert "wrong" not in said

    def test_no_password(self, server, fails):
        said = fails(f"postgresql://grader@/postgres?host={server.folder}")
        assert f"Put the password into {VARIABLE}, or into ~/.pgpass" in said

    def test_no_such_database(self, server, fails):
        said = fails(server.url("nowhere"))
        assert '"nowhere" does not exist' in said
        assert "createdb" in said

    def test_no_such_user(self, server, fails):
        assert "password authentication failed" in fails(server.url("postgres", user="nemo"))

    def test_the_server_is_away(self, fails, tmp_path):
        said = fails(f"postgresql://grader:{WRITTEN}@/course?host={tmp_path}")
        assert "See that the server runs" in said

    def test_no_right_to_make_tables(self, server, fails):
        server.database("foreign_book")
        server.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "foreign_book")
        said = fails(server.url("foreign_book", user="guest"))
        assert "permission denied" in said
        assert "database's owner" in said

    def test_a_database_that_cannot_write_every_name(self, server, fails):
        server.database("latin_book", encoding="LATIN1")
        said = fails(server.url("latin_book"))
        assert "encoding is LATIN1" in said
        assert "--encoding UTF8 --template template0" in said

    def test_at_the_keyboard(self, server, place, monkeypatch, capfd):
        hand_in(place[0], "ada", RIGHT)
        monkeypatch.setenv(VARIABLE, server.url("nowhere"))
        monkeypatch.chdir(place[0].root)
        monkeypatch.setattr(sys, "argv", ["course", "grade", "--sandbox", "none"])
        with pytest.raises(SystemExit) as ended:
            main()
        said = "".join(capfd.readouterr())
        assert ended.value.code == 2
        assert '"nowhere" does not exist' in said
        assert "createdb" in said
        assert "Traceback" not in said
        assert PASSWORD not in said


def test_a_name_longer_than_the_tables_take_costs_only_itself(course, assignment):
    long = make("x" * 129)
    merge(course, assignment, long, make("y" * 128), make("ada"))
    assert "not in the gradebook until the folder is renamed" in long.problem
    assert scores(course) == {"ada": 3, "y" * 128: 3}


def test_no_transaction_waits_between_two_submissions(course, assignment, server):
    idle = f"SELECT count(*) FROM {sessions(course)} AND state LIKE 'idle in transaction%'"
    with open_gradebook(course, assignment) as book:
        assert server.sql(idle) == [(0,)]
        book.merge(make(), fresh=True)
        assert server.sql(idle) == [(0,)]


def test_an_assignment_can_be_forgotten(course, assignment):
    merge(course, assignment, make())
    with Gradebook(course.gradebook_url, "deep-learning") as book:
        book.remove_assignment(WEEK)
    merge(course, assignment, make())
    assert scores(course) == {"ada": 3}
