"""Where the gradebook is: one place decides, and a password never shows."""

import os
import sys

import pytest
from graded_course import make_course
from nbgrader import preprocessors as nbgraders

from autograder import database, preprocessors
from autograder.assignment import nbgrader_configuration
from autograder.course import load_course
from autograder.database import VARIABLE, choose_address, database_errors, spoken
from autograder.errors import CourseError
from autograder.wall import Limits, Wall

URL = "postgresql://grader@db.example.org/course"
SECRET = "corr:ct/h%rse"
WITH_PASSWORD = "postgresql://grader:corr:ct/h%25rse@db.example.org/course"
OURS = "postgresql+psycopg2://grader@db.example.org/course"


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course")).root


def write_entry(root, line):
    path = root / "course.toml"
    lines = [other for other in path.read_text().splitlines() if "gradebook" not in other]
    path.write_text("\n".join([*lines[:2], line, *lines[2:]]) + "\n")


class TestAddress:
    def test_unless_told_it_is_a_file_in_the_private_folder(self, root):
        write_entry(root, "")
        course = load_course(root)
        assert course.gradebook is None
        assert course.gradebook_url == f"sqlite:///{root}/private/gradebook.db"
        assert nbgrader_configuration(course).CourseDirectory.db_url == course.gradebook_url

    def test_the_file_may_name_a_server_and_the_variable_comes_first(self, root, monkeypatch):
        write_entry(root, f'gradebook = "{URL}"')
        assert load_course(root).gradebook_url == OURS
        monkeypatch.setenv(VARIABLE, "postgresql://other.example.org:5433/book")
        assert load_course(root).gradebook_url.endswith("://other.example.org:5433/book")
        monkeypatch.setenv(VARIABLE, "  ")
        assert load_course(root).gradebook_url == OURS

    def test_nbgraders_own_commands_use_the_same_and_see_no_password(self, root, monkeypatch):
        write_entry(root, "")
        monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
        course = load_course(root)
        assert course.gradebook_url == OURS
        configuration = nbgrader_configuration(course)
        assert configuration.CourseDirectory.db_url == OURS
        assert "h%" not in repr(configuration) + repr(course) + course.model_dump_json()

    def test_a_course_of_the_demo_is_kept_apart(self, root, monkeypatch):
        write_entry(root, 'gradebook = "private"')
        monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
        assert load_course(root).gradebook is None

    @pytest.mark.parametrize(
        ("entry", "what", "cure"),
        [
            (WITH_PASSWORD, "holds a password, and this file is under version", "choose a new one"),
            ("postgresql://grader:@h/course", "holds a password", VARIABLE),
            (f"{URL}?password=horse", "a password among its options", VARIABLE),
            (f"{URL}?sslpassword=horse", "a password among its options", VARIABLE),
            ("sqlite:///horse.db", "no URL of PostgreSQL", "postgresql://USER@HOST/DATABASE"),
            ("postgres://grader:horse@h/d", "no URL of PostgreSQL", "postgresql://USER"),
            ("postgresql+asyncpg://h/horse", "no URL of PostgreSQL", "postgresql://USER"),
            ("horse", "no URL of PostgreSQL", "postgresql://USER"),
            ("", "no URL of PostgreSQL", "postgresql://USER"),
            ("postgresql://grader:ho@horse@h/d", "two @", "%40"),
            ("postgresql://grader:x@h:horse/d", "cannot be read", "%3A"),
            ("postgresql://grader@h", "names no database", "postgresql://USER"),
        ],
    )
    def test_a_mistake_names_line_and_cure_and_quotes_no_password(self, root, entry, what, cure):
        write_entry(root, f'gradebook = "{entry}"')
        with pytest.raises(CourseError) as caught:
            load_course(root)
        assert caught.value.message.startswith("course.toml, line 3: ")
        assert what in caught.value.message
        assert cure in caught.value.cure
        assert "horse" not in str(caught.value)
        assert "rse@" not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 2

    def test_a_mistake_in_the_variable_is_told_as_the_variables(self, root, monkeypatch):
        write_entry(root, "")
        for mistake in ("mysql://u:horse@h/d", "postgresql://u:p@horse@h/d", f"{URL}?password=ho"):
            monkeypatch.setenv(VARIABLE, mistake)
            with pytest.raises(CourseError, match=f"^{VARIABLE}: ") as caught:
                load_course(root)
            assert "horse" not in str(caught.value)

    def test_a_value_that_is_no_text(self, root):
        write_entry(root, "gradebook = 3")
        with pytest.raises(CourseError, match=r"course\.toml, line 3: gradebook = 3"):
            load_course(root)

    def test_how_people_read_it(self):
        assert spoken("sqlite:////srv/gradebook.db") == "/srv/gradebook.db"
        assert spoken(f"{OURS}?sslmode=require") == URL
        on_a_socket = "postgresql+psycopg2:///course?host=%2Frun%2Fpg&sslmode=disable"
        assert spoken(on_a_socket) == "postgresql:///course?host=%2Frun%2Fpg"


def test_what_is_made_up_says_so_in_its_course_toml(root, monkeypatch, tmp_path):
    from autograder.demo.stage import make_stage

    write_entry(root, "")
    monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
    course = load_course(root)
    stage = make_stage(course, course.weeks[0], tmp_path / "demo")
    assert course.gradebook == OURS
    assert stage.gradebook is None


class TestPassword:
    def connect(self, url):
        """Give the options with which a driver would be called."""
        from sqlalchemy.engine import make_url

        dialect = make_url(url).get_dialect()()
        arguments, options = dialect.create_connect_args(make_url(url))
        database._complete(dialect, None, arguments, options)
        return options

    def test_it_goes_to_its_own_database_only(self, monkeypatch):
        monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
        assert choose_address(None) == OURS
        assert self.connect(OURS)["password"] == SECRET
        for other in ("grader@other.example.org/course", "grader@db.example.org/else"):
            assert "password" not in self.connect(f"postgresql+psycopg2://{other}")

    def test_nobody_waits_for_minutes_for_a_server_that_is_away(self, monkeypatch):
        monkeypatch.setenv(VARIABLE, URL)
        assert self.connect(OURS)["connect_timeout"] == "10"
        assert self.connect(f"{OURS}?connect_timeout=3")["connect_timeout"] == "3"

    def test_a_command_behind_the_wall_does_not_see_it(self, monkeypatch, tmp_path):
        monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
        program = "import os; print(dict(os.environ))"
        outcome = Wall("none", tmp_path).run([sys.executable, "-S", "-c", program], Limits(60))
        assert outcome.returncode == 0
        assert VARIABLE.encode() not in outcome.output
        assert b"h%" not in outcome.output

    def test_nor_do_the_judges_processes(self, monkeypatch, tmp_path):
        from autograder.engines.judge.processes import WarmProcess

        monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
        process = object.__new__(WarmProcess)
        process._folder = tmp_path
        environment = process._environment([])
        assert "PATH" in environment
        assert VARIABLE not in environment

    def test_nor_does_a_kernel_of_nbgraders_autograde(self, monkeypatch):
        monkeypatch.setenv(VARIABLE, WITH_PASSWORD)
        monkeypatch.setenv("PGPASSWORD", SECRET)
        seen = {}
        monkeypatch.setattr(
            nbgraders.Execute, "start_new_kernel", lambda self, **options: seen.update(options)
        )
        preprocessors.Execute().start_new_kernel()
        assert seen["env"].keys() == os.environ.keys() - {VARIABLE, "PGPASSWORD"}
        assert preprocessors.Execute in preprocessors.autograde_steps()


def test_without_the_driver_the_cure_is_to_install_it(monkeypatch):
    from sqlalchemy import create_engine

    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with (
        pytest.raises(CourseError, match="driver is not installed") as caught,
        database_errors(OURS),
    ):
        create_engine(OURS)
    assert "pip install psycopg2-binary" in caught.value.cure
