"""Run the visible checks of a notebook: `python -m helpers.check NOTEBOOK`.

Every cell but the demonstrations runs in IPython's shell, as in Jupyter; then a table says which
checks pass and what they are worth. Hidden checks and questions graded by hand are not in it.
"""

import argparse
import contextlib
import io
import json
import linecache
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.checks.hidden import BEGIN, END
from helpers.notebooks import Cell, Notebook, NotebookError, exercises, read_notebook

SECONDS_PER_CELL = 20.0
SECONDS_OF_GRACE = 5.0
LINES_SHOWN = 8
WIDTH = 100


@dataclass(frozen=True)
class Result:
    """What came of one cell.

    Attributes:
        cell: the cell.
        state: "passed", "failed" or "not written yet".
        message: why it did not pass, several lines at most.
    """

    cell: Cell
    state: str
    message: str = ""

    @property
    def points(self) -> float:
        """What the visible checks of the cell have earned."""
        return self.cell.points if self.state == "passed" else 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of a notebook.

    Attributes:
        notebook: the notebook.
        tests: the result of each test cell by its grade_id.
        problems: other cells that stopped with an error.
    """

    notebook: Notebook
    tests: dict[str, Result]
    problems: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.state == "passed" for result in self.tests.values())


def run_notebook(
    notebook: Notebook,
    folder: Path,
    *,
    seconds: float = SECONDS_PER_CELL,
    give_up: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Run a notebook's cells, demonstrations left out, and judge its visible checks.

    Args:
        notebook: the notebook.
        folder: where its cells run; modules and files there are found.
        seconds: the time limit of a cell.
        give_up: called from a watching thread with what is known so far, if a cell neither ends
            nor lets itself be interrupted; it is meant to end the process.

    Returns:
        What came of it.

    Raises:
        KeyboardInterrupt: if the user interrupts.
    """
    graded = {_key(cell): cell for cell in notebook.cells if cell.role == "test"}
    tests = {key: Result(cell, "failed", "was not run") for key, cell in graded.items()}
    problems: list[Result] = []
    with _quiet_shell(folder) as shell:
        for cell in notebook.cells:
            is_test = cell.role == "test"
            if cell.kind != "code" or cell.role == "demo":
                continue
            if is_test and graded[_key(cell)] is not cell:
                continue

            def end_now(stuck: Cell = cell) -> None:
                result = Result(stuck, "failed", _too_long(seconds) + " and would not stop")
                known = tests | {_key(stuck): result} if stuck.role == "test" else tests
                if give_up:
                    give_up(Outcome(notebook, known, (*problems, result)))

            with _TimeLimit(seconds, end_now) as limit:
                error = _run(shell, visible_source(cell.source) if is_test else cell.source)
            if isinstance(error, KeyboardInterrupt) and not limit.reached:
                raise KeyboardInterrupt
            message = _too_long(seconds) if limit.reached else _message(error, notebook)
            if is_test:
                tests[_key(cell)] = Result(cell, _state(error, limit.reached), message)
            elif error is not None or limit.reached:
                problems.append(Result(cell, "failed", message))
    return Outcome(notebook, tests, tuple(problems))


def _key(cell: Cell) -> str:
    return cell.grade_id or f"cell {cell.index + 1}"


def visible_source(source: str) -> str:
    """Return a test cell's source without its hidden region.

    Args:
        source: the cell.

    Returns:
        The lines outside of the marks.
    """
    kept, hidden = [], False
    for line in source.split("\n"):
        if line.strip().startswith(BEGIN):
            hidden = True
        elif line.strip().startswith(END):
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)


def _too_long(seconds: float) -> str:
    return f"took longer than {seconds:g} s (an endless loop?)"


def _state(error: BaseException | None, too_long: bool) -> str:
    if too_long:
        return "failed"
    if error is None:
        return "passed"
    return "not written yet" if isinstance(error, NotImplementedError) else "failed"


class _TimeLimit:
    """Interrupt the main thread when a cell takes too long, and insist.

    Some code swallows the interruption; it comes again every second, and after a few of them
    `end_now` is called.
    """

    def __init__(self, seconds: float, end_now: Callable[[], None]) -> None:
        self.seconds = seconds
        self.end_now = end_now
        self.reached = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "_TimeLimit":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over.set()

    def _watch(self) -> None:
        if self._over.wait(self.seconds):
            return
        deadline = time.monotonic() + SECONDS_OF_GRACE
        while time.monotonic() < deadline:
            with self._lock:
                if self._over.is_set():
                    return
                self.reached = True
                _interrupt_main()
            if self._over.wait(1.0):
                return
        self.end_now()


def _interrupt_main() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()


class _Discard(io.TextIOBase):
    """A stream that forgets what is written to it."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False


@contextlib.contextmanager
def _quiet_shell(folder: Path) -> Iterator[Any]:
    """Make an IPython shell that reads no profile, keeps no history and prints nothing."""
    os.environ["MPLBACKEND"] = "Agg"
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class QuietShell(InteractiveShell):
        def showtraceback(self, *args: Any, **kwargs: Any) -> None:
            """Print nothing: the result carries the error."""

        def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
            """Print nothing: the result carries the error."""

    before = os.getcwd()
    main_module = sys.modules["__main__"]
    hook = sys.excepthook
    with tempfile.TemporaryDirectory() as scratch:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        shell = QuietShell.instance(config=config, ipython_dir=scratch)
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        try:
            yield shell
        finally:
            os.chdir(before)
            sys.path.remove(str(folder))
            sys.modules["__main__"] = main_module
            sys.excepthook = hook
            QuietShell.clear_instance()


def _run(shell: Any, source: str) -> BaseException | None:
    """Run one cell with all its output thrown away, and return the error it stopped with."""
    discard, stdin = _Discard(), sys.stdin
    sys.stdin = io.StringIO()
    try:
        with contextlib.redirect_stdout(discard), contextlib.redirect_stderr(discard):
            result = shell.run_cell(source, store_history=False, silent=True)
        return result.error_before_exec or result.error_in_exec
    except KeyboardInterrupt as error:
        return error
    finally:
        sys.stdin = stdin
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")


def _message(error: BaseException | None, notebook: Notebook) -> str:
    if error is None:
        return ""
    if isinstance(error, SyntaxError):
        text = (error.text or "").strip()
        return f"line {error.lineno}: {error.msg}" + (f": {text}" if text else "")
    if isinstance(error, AssertionError):
        return str(error) or "an `assert` failed"
    lines = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, NotImplementedError):
        return str(error) or "not written yet"
    return "\n".join([lines, *_place(error, notebook)])


def _place(error: BaseException, notebook: Notebook) -> list[str]:
    """Name the student's own cell and line on which an error arose."""
    labels = {cell.source.strip(): _label(cell) for cell in notebook.cells if cell.role != "test"}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        label = labels.get("".join(linecache.getlines(frame.filename)).strip())
        if label:
            return [f"in {label}, line {frame.lineno}: {(frame.line or '').strip()}"]
    return []


def _label(cell: Cell) -> str:
    named = f" (`{cell.grade_id}`)" if cell.grade_id else ""
    return f"cell {cell.index + 1}{named}"


def table(outcome: Outcome) -> str:
    """Write the outcome as a table in plain text.

    Args:
        outcome: what came of a notebook.

    Returns:
        Lines of an exercise, its checks and what they say, then the total.
    """
    lines = [f"{'exercise and checks':<52}{'':<18}{'points':>10}", "-" * 80]
    for result in outcome.problems:
        lines += [f"{_label(result.cell)} stopped:", *_indented(result.message)]
    listed: set[str] = set()
    for exercise in exercises(outcome.notebook):
        keys = [_key(test) for test in exercise.tests]
        if keys:
            lines += _group(exercise.name, [outcome.tests[key] for key in keys])
            listed |= set(keys)
    others = [result for name, result in outcome.tests.items() if name not in listed]
    if others:
        lines += _group("other checks", others)
    reached = sum(result.points for result in outcome.tests.values())
    possible = sum(result.cell.points for result in outcome.tests.values())
    lines += ["-" * 80, _row("total by visible checks", "", reached, possible)]
    written = [cell for cell in outcome.notebook.cells if cell.role == "written"]
    by_hand = sum(cell.points for cell in written)
    lines.append("Hidden checks are not in this; they only vary the inputs.")
    if written:
        lines.append(f"Nor are {len(written)} questions graded by hand ({by_hand:g} points).")
    return "\n".join(lines)


def _group(name: str, results: list[Result]) -> list[str]:
    possible = sum(result.cell.points for result in results)
    lines = [_row(name, "", sum(result.points for result in results), possible)]
    for result in results:
        state = result.state if result.state == "passed" else result.state.upper()
        lines.append(_row(f"  {_key(result.cell)}", state, result.points, result.cell.points))
        if result.state == "failed":
            lines += _indented(result.message)
    return lines


def _row(name: str, state: str, reached: float, possible: float) -> str:
    return f"{name:<52}{state:<18}{f'{reached:g} of {possible:g}':>10}"


def _indented(message: str) -> list[str]:
    lines = message.split("\n")
    shown = [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in lines]
    more = ["…"] if len(lines) > LINES_SHOWN else []
    return ["      " + line for line in shown[:LINES_SHOWN] + more]


def facts(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain data, for `--json`.

    Args:
        outcome: what came of a notebook.

    Returns:
        The checks with state, points and message, and the cells that stopped.
    """
    return {
        "checks": [
            {
                "grade_id": name,
                "state": result.state,
                "points": result.points,
                "possible": result.cell.points,
                "message": result.message,
            }
            for name, result in outcome.tests.items()
        ],
        "stopped": [
            {"cell": result.cell.index + 1, "message": result.message}
            for result in outcome.problems
        ],
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: those of the command line; None takes the process's own.

    Returns:
        0 if every check passes, 1 if not, 2 for a file that is no notebook with checks, 130 after
        an interruption.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.check",
        description="Run the visible checks of a notebook and print the points they are worth.",
    )
    parser.add_argument("notebook", help="the notebook, such as perceptron.ipynb")
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS_PER_CELL, help="time limit of a cell (20)"
    )
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

    terminal = sys.stdout

    def report(outcome: Outcome) -> None:
        text = json.dumps(facts(outcome), indent=2) if options.json else table(outcome)
        print(text, file=terminal, flush=True)

    def give_up(outcome: Outcome) -> None:
        report(outcome)
        os._exit(1)

    try:
        notebook = read_notebook(options.notebook)
        if not any(cell.role == "test" for cell in notebook.cells):
            raise NotebookError(
                f"{Path(options.notebook).name} has no checks in it.",
                "Give a notebook of the course.",
            )
        folder = Path(options.notebook).resolve().parent
        outcome = run_notebook(notebook, folder, seconds=options.seconds, give_up=give_up)
    except NotebookError as error:
        print(f"{error.message}\n{error.cure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; nothing was changed.", file=sys.stderr)
        return 130
    report(outcome)
    return 0 if outcome.passed else 1


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
