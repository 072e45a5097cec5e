"""`course lab`: JupyterLab on the course, with nbgrader's extensions."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from autograder.errors import CourseError

EXTENSIONS = ("formgrader", "validate_assignment", "assignment_list", "course_list")
START_SECONDS = 60

_LOADED = re.compile(r"nbgrader\.server_extensions\.(\w+) \| extension was successfully loaded")


def lab(
    week: Annotated[str | None, typer.Argument(help="Open this week's folder.")] = None,
    port: Annotated[int, typer.Option("--port", min=0, help="Port; 0 for any free one.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    check: Annotated[
        bool, typer.Option("--check", help="Start, see that all extensions load, and stop.")
    ] = False,
) -> None:
    """Open JupyterLab on the course, nbgrader's formgrader among its menus."""
    from autograder.course import SOURCES, load_course

    course = load_course()
    folder = f"{SOURCES}/{course.week(week).folder}" if week else SOURCES
    if check:
        loaded = loaded_extensions(course.root)
        for name in EXTENSIONS:
            typer.echo(f"nbgrader {name}: {'on' if name in loaded else 'off'}")
        missing = [name for name in EXTENSIONS if name not in loaded]
        if missing:
            typer.echo("Install nbgrader into the environment that runs `course`: make venv")
            raise typer.Exit(1)
        return
    command = lab_command(course.root, port or free_port(), folder)
    if not browser:
        command.append("--no-browser")
    raise typer.Exit(subprocess.call(command, cwd=course.root))


def lab_command(root: Path, port: int, folder: str) -> list[str]:
    """Give the command that starts JupyterLab.

    Args:
        root: the course's folder; nbgrader's configuration is read from it.
        port: a free port.
        folder: what the file browser shows first, below `root`.

    Returns:
        Program and arguments.
    """
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.port={port}",
        f"--LabApp.default_url=/lab/tree/{folder}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container there is no other user
    return command


def loaded_extensions(root: Path) -> set[str]:
    """Start a server on a free port, see which of nbgrader's extensions load, and stop it.

    Args:
        root: the course's folder.

    Returns:
        Names out of `EXTENSIONS`.

    Raises:
        CourseError: the server does not start.
    """
    command = [*lab_command(root, free_port(), ""), "--no-browser", "--ServerApp.log_level=INFO"]
    end = time.monotonic() + START_SECONDS
    log = ""
    with tempfile.NamedTemporaryFile("w", suffix=".log") as output:
        server = subprocess.Popen(command, cwd=root, stderr=output, stdout=subprocess.DEVNULL)
        try:
            while "is running at" not in log and time.monotonic() < end and server.poll() is None:
                time.sleep(0.1)
                log = Path(output.name).read_text(encoding="utf-8")
        finally:
            server.terminate()
            server.wait()
    if "is running at" not in log:
        last = (log.strip().splitlines() or ["it said nothing"])[-1]
        raise CourseError(f"JupyterLab did not start: {last}", "Run `make venv` and try again.")
    return set(_LOADED.findall(log)) & set(EXTENSIONS)


def free_port() -> int:
    """Give a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
