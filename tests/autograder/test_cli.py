"""What `course` itself answers for: commands found by name, errors as sentences, exit codes."""

import pkgutil
import sys

import pytest

from autograder import cli, commands
from autograder.errors import CourseError


def run(monkeypatch, capsys, command):
    """Run `course probe`, a command that does what `command` does; give exit code and stderr."""

    def build_app():
        app = cli.typer.Typer(pretty_exceptions_enable=False)
        app.callback()(lambda: None)
        app.command(name="probe")(command)
        return app

    monkeypatch.setattr(cli, "build_app", build_app)
    monkeypatch.setattr(sys, "argv", ["course", "probe"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, capsys.readouterr().err


def test_every_module_in_commands_is_a_command_with_help():
    names = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    app = cli.build_app()
    registered = {command.name: command for command in app.registered_commands}
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    assert set(registered) | set(groups) == names
    assert {"build", "demo", "feedback", "grade", "lab", "lint", "mutate", "report"} <= names
    below = [command for group in groups.values() for command in group.registered_commands]
    assert all(command.callback.__doc__ for command in [*registered.values(), *below])
    assert all(group.info.help for group in groups.values())


def test_a_course_error_is_two_lines_and_exit_code_2(monkeypatch, capsys):
    def command():
        raise CourseError("week 99 is not in course.toml.", "Weeks are: week00.")

    code, said = run(monkeypatch, capsys, command)
    assert code == 2
    assert said == "course: week 99 is not in course.toml.\nWeeks are: week00.\n"


def test_a_file_that_cannot_be_written_is_named(monkeypatch, capsys, tmp_path):
    def command():
        (tmp_path / "missing" / "file").write_text("")

    code, said = run(monkeypatch, capsys, command)
    assert code == 2
    assert said.startswith(f"course: {tmp_path}/missing/file: No such file or directory\n")
    assert "Traceback" not in said


def test_an_interruption_says_that_nothing_is_lost(monkeypatch, capsys):
    def command():
        raise KeyboardInterrupt

    code, said = run(monkeypatch, capsys, command)
    assert code == 130
    assert "run it again to go on" in said


def test_a_bug_of_ours_is_not_hidden(monkeypatch):
    def build_app():
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "build_app", build_app)
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_findings_are_exit_code_1(monkeypatch, capsys):
    def command():
        raise cli.typer.Exit(1)

    code, said = run(monkeypatch, capsys, command)
    assert (code, said) == (1, "")
