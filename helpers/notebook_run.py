"""Run a notebook's cells in IPython's shell and judge its visible checks."""

import contextlib
import io
import linecache
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.checks.hidden import BEGIN, END
from helpers.notebooks import Cell, Notebook
from helpers.withheld import Guards

SECONDS_PER_CELL = 20.0
SECONDS_OF_GRACE = 3.0


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
    graded = {cell_key(cell): cell for cell in notebook.cells if cell.role == "test"}
    tests = {key: Result(cell, "failed", "was not run") for key, cell in graded.items()}
    problems: list[Result] = []
    trusted: set[str] = set()  # the names under which the shell compiled what students don't write
    with _quiet_shell(folder) as shell, _guarded(notebook, trusted):
        for cell in notebook.cells:
            is_test = cell.role == "test"
            if cell.kind != "code" or cell.role == "demo":
                continue
            if is_test and graded[cell_key(cell)] is not cell:
                continue

            def end_now(stuck: Cell = cell) -> None:
                result = Result(stuck, "failed", _too_long(seconds) + " and would not stop")
                known = tests | {cell_key(stuck): result} if stuck.role == "test" else tests
                if give_up:
                    give_up(Outcome(notebook, known, (*problems, result)))

            limit = _TimeLimit(seconds, end_now)
            source = visible_source(cell.source) if is_test else cell.source
            if cell.role != "answer":
                trusted.add(_compiled_name(shell, source))
            try:
                with limit:
                    error = _run(shell, source)
            except KeyboardInterrupt as interruption:
                error = interruption
            if isinstance(error, KeyboardInterrupt) and not limit.reached:
                raise KeyboardInterrupt
            message = _too_long(seconds) if limit.reached else _message(error, cell, notebook)
            if is_test:
                tests[cell_key(cell)] = Result(cell, _state(error, limit.reached), message)
            elif error is not None or limit.reached:
                problems.append(Result(cell, "failed", message))
    return Outcome(notebook, tests, tuple(problems))


@contextlib.contextmanager
def _guarded(notebook: Notebook, trusted: Collection[str]) -> Iterator[None]:
    """Have what is withheld refuse all callers but cells whose names are among the trusted."""
    guards = Guards(notebook.withheld, notebook.asked_by, lambda file: file in trusted)
    try:
        yield
    finally:
        guards.remove()


def _compiled_name(shell: Any, source: str) -> str:
    """Give the file name that the shell gives a cell's code."""
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        return ""
    return str(shell.compile.get_code_name(source, transformed, shell.execution_count))


def cell_key(cell: Cell) -> str:
    """Return what a test cell is called: its grade_id, or its place.

    Args:
        cell: the cell.
    """
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
            with contextlib.suppress(ValueError):
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


def _message(error: BaseException | None, cell: Cell, notebook: Notebook) -> str:
    if error is None:
        return ""
    if isinstance(error, SyntaxError):
        error = _as_python_says(error, cell.source)
        text = (error.text or "").strip()
        return f"line {error.lineno}: {error.msg}" + (f": {text}" if text else "")
    if isinstance(error, AssertionError):
        return str(error) or "an `assert` failed"
    lines = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, NotImplementedError):
        return str(error) or "not written yet"
    return "\n".join([lines, *_place(error, notebook)])


def _as_python_says(error: SyntaxError, source: str) -> SyntaxError:
    """Return Python's own words where IPython only calls the input incomplete."""
    magics = any(line.lstrip().startswith(("%", "!")) for line in source.split("\n"))
    if error.msg != "incomplete input" or magics:
        return error
    try:
        compile(source, "cell", "exec")
    except SyntaxError as plainer:
        return plainer
    return error


def _place(error: BaseException, notebook: Notebook) -> list[str]:
    """Name the student's own cell and line on which an error arose."""
    labels = {
        cell.source.strip(): cell_label(cell) for cell in notebook.cells if cell.role != "test"
    }
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        label = labels.get("".join(linecache.getlines(frame.filename)).strip())
        if label:
            return [f"in {label}, line {frame.lineno}: {(frame.line or '').strip()}"]
    return []


def cell_label(cell: Cell) -> str:
    """Return how a message points to a cell, counted from 1.

    Args:
        cell: the cell.
    """
    named = f" (`{cell.grade_id}`)" if cell.grade_id else ""
    return f"cell {cell.index + 1}{named}"
