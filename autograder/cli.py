"""The command `course`: finds its commands in `autograder/commands`; errors become sentences."""

import importlib
import pkgutil
import sys

import typer
from rich.console import Console

from autograder import commands
from autograder.errors import CourseError

USAGE_ERROR = 2
INTERRUPTED = 130


def build_app() -> typer.Typer:
    """Make the typer application, one command for each module in `autograder/commands`.

    Returns:
        The application; a module `NAME` there contributes its function `NAME` as `course NAME`, or
        its typer application `NAME`, whose commands become `course NAME …`.
    """
    app = typer.Typer(
        help="Build, check, release, grade and report the deep-learning course.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(lambda: None)
    for module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda found: found.name):
        function = getattr(
            importlib.import_module(f"autograder.commands.{module.name}"), module.name
        )
        if isinstance(function, typer.Typer):
            app.add_typer(function, name=module.name)
        else:
            app.command(name=module.name)(function)
    return app


def main() -> None:
    """Run `course` and leave with its exit code: 0 fine, 1 findings, 2 usage or bad input."""
    console = Console(stderr=True, highlight=False)

    def say(sentence: str, style: str | None = None) -> None:
        console.print(sentence, style=style, markup=False, soft_wrap=True)

    try:
        build_app()()
    except CourseError as error:
        say(f"course: {error.message}", "bold red")
        if error.cure:
            say(error.cure)
        sys.exit(USAGE_ERROR)
    except OSError as error:
        if error.filename is None:  # not a file that the user could do anything about
            raise
        say(f"course: {error.filename}: {error.strerror}", "bold red")
        say("Make room, or give this user the right to read and write there; then run it again.")
        sys.exit(USAGE_ERROR)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer turns Ctrl-C into this
            say("course: interrupted; what was finished is kept, run it again to go on")
        raise
