"""Execute a notebook in a fresh kernel, so that the result does not depend on who does it."""

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.database import without_secrets
from autograder.errors import CourseError
from autograder.lesson import Lesson
from autograder.skeleton import LANGUAGE

SECONDS_PER_CELL = 240
LONGEST_SOCKET_FOLDER = 80  # a socket's path has at most 107 characters
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_WIDGET = "application/vnd.jupyter.widget-view+json"


def execute_notebook(
    notebook: Any,
    lesson: Lesson,
    root: Path,
    on_cell: Callable[[int], None] = lambda index: None,
) -> Any:
    """Run all cells of a notebook in their order and keep the outputs.

    The kernel works in the lesson's folder with one thread, figures inline, and none of the
    user's own IPython set-up.

    Args:
        notebook: the notebook as nbformat's node; its outputs are filled in.
        lesson: the lesson it was made from, for naming a failing line.
        root: the course's folder, from which `helpers` is imported.
        on_cell: called with the index of every cell that was run.

    Returns:
        The notebook, without anything that changes from run to run.

    Raises:
        CourseError: a cell failed; the message names file, line and cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    running = 0

    def started(cell: Any, cell_index: int) -> None:
        nonlocal running
        running = cell_index
        on_cell(cell_index)

    with tempfile.TemporaryDirectory(prefix="course-build-") as scratch:
        client = NotebookClient(
            notebook,
            timeout=SECONDS_PER_CELL,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            extra_arguments=["--HistoryManager.enabled=False"],
            resources={"metadata": {"path": str(lesson.path.parent)}},
            on_cell_start=started,
        )
        manager = client.create_kernel_manager()
        if os.name == "posix" and len(scratch) < LONGEST_SOCKET_FOLDER:
            manager.transport = "ipc"  # no open port while the cells run
            manager.ip = f"{scratch}/kernel"
        try:
            client.execute(env=_environment(root, scratch))
        except CellExecutionError:
            raise _failure(notebook, running, lesson) from None
        except CellTimeoutError:
            what = f"took longer than {SECONDS_PER_CELL} s"
            raise _at_cell(
                lesson, running, what, "Make it smaller; a cell takes seconds."
            ) from None
        except DeadKernelError:
            what = "ended the kernel (out of memory, or a crash in compiled code)"
            raise _at_cell(lesson, running, what, "Run the cell alone to see why.") from None
        except RuntimeError as error:
            raise CourseError(
                f"no kernel for {lesson.path}: {error}",
                "`make venv` installs what is missing; is the machine overloaded?",
            ) from None
    return _settled(notebook)


def _environment(root: Path, scratch: str) -> dict[str, str]:
    settings = Path(scratch, "matplotlibrc")
    settings.touch()  # empty: the author's own must not change a figure
    environment = without_secrets(os.environ)
    environment |= dict.fromkeys(THREADS, "1")
    environment |= {
        "IPYTHONDIR": scratch,
        "MATPLOTLIBRC": str(settings),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH")))),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    environment.pop("MPLBACKEND", None)  # the kernel's own choice: inline
    return environment


def _settled(notebook: Any) -> Any:
    notebook.metadata["language_info"] = LANGUAGE
    for key in ("widgets", "signature"):
        notebook.metadata.pop(key, None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(_WIDGET, None)
            output.pop("transient", None)
    return notebook


def _at_cell(lesson: Lesson, index: int, what: str, cure: str) -> CourseError:
    cell = lesson.cells[index]
    return CourseError(f"{lesson.path}, line {cell.first_line}, {cell.label} {what}", cure)


def _failure(notebook: Any, index: int, lesson: Lesson) -> CourseError:
    cell = notebook.cells[index]
    error = next(output for output in cell.outputs if output.output_type == "error")
    trace = _ANSI.sub("", "\n".join(error.traceback))
    by_count = {
        made.execution_count: source
        for made, source in zip(notebook.cells, lesson.cells, strict=True)
        if made.cell_type == "code" and made.execution_count
    }
    by_count[cell.execution_count or max(by_count, default=0) + 1] = lesson.cells[index]
    line = lesson.cells[index].first_line
    inner = ""
    for count, number in _FRAME.findall(trace):
        source = by_count.get(int(count))
        if source is None:
            continue
        inner = f"raised in line {source.first_line + int(number) - 1}, {source.label}: "
        if source.index == index:
            line, inner = source.first_line + int(number) - 1, ""
    last = error.evalue.strip().splitlines()[-6:]
    message = "\n  ".join([f"{error.ename}: {last[0]}" if last else error.ename, *last[1:]])
    where = f"{lesson.path}, line {line}, {lesson.cells[index].label}"
    return CourseError(f"{where} fails: {inner}{message}", "Mend it and build again.")
