"""From what an engine found in a cell to the sentence that a student reads.

A message holds the check's own sentence, or the student's error with the student's line; never a
line of a test cell, and so never a hidden test.
"""

import re

from autograder.assignment import Assignment
from autograder.engines import CellFinding, Frame
from autograder.records import MESSAGE_CHARACTERS
from autograder.submissions import Rebuilt

NOT_WRITTEN = "is not written yet"
TIMED_OUT = "CellTimeoutError"
NOT_RUN = {
    "KernelDied": "Python died here, without an error: out of memory, or ended by the code",
    "NoKernelLeft": "not run: Python had died too often before",
    "NoTimeLeft": "not run: the notebook had used up its time before",
}
LINE_CHARACTERS = 160
_PLACE_IN_CELL = re.compile(r" \(\d+\.py, line \d+\)$")  # IPython's name for a cell says nothing


def explain_failure(
    found: CellFinding,
    rebuilt: Rebuilt,
    assignment: Assignment,
    cells: dict[int, CellFinding],
    seconds_per_cell: int,
) -> str:
    """Say why a test failed.

    Args:
        found: how the test cell ran.
        rebuilt: the notebook that was graded.
        assignment: the week.
        cells: how all cells ran, by position.
        seconds_per_cell: the time limit.

    Returns:
        The message; empty where the test did not fail.
    """
    if found.error is None:
        return ""
    if found.timed_out:
        return f"took longer than {seconds_per_cell} s"
    if found.error in NOT_RUN:
        return NOT_RUN[found.error]
    theirs = _students_frame(found, rebuilt, assignment)
    if found.error == "NotImplementedError" and found.message.endswith(NOT_WRITTEN):
        return shortened(found.message)
    if found.error == "AssertionError" and theirs is None:
        return shortened(found.message) or "the check failed"
    if theirs is not None:
        where = f"in your code, {place(theirs, rebuilt)}"
        return shortened(f"{_name_and_text(found)}\n{where}")
    unknown = _undefined_answer(found, assignment)
    if unknown:
        return shortened(_why_undefined(unknown, rebuilt, cells))
    return shortened(_name_and_text(found))


def partial_message(found: CellFinding) -> str:
    """Give what a test printed about the points it did not give.

    Only for an engine in which nothing of a student's can print there: what a student's code
    prints while a test runs may hold the test's hidden input.

    Args:
        found: how the test cell ran.

    Returns:
        The message; empty where the test printed nothing.
    """
    printed = (output.text for output in found.outputs if output.name == "stdout")
    return shortened("".join(printed))


def cell_error(found: CellFinding, rebuilt: Rebuilt, assignment: Assignment) -> str | None:
    """Say how a student's own cell failed.

    Args:
        found: how the cell ran.
        rebuilt: the notebook that was graded.
        assignment: the week.

    Returns:
        The error in words, None where there was none.
    """
    if found.error is None:
        return None
    if found.timed_out:
        return "took too long and was stopped"
    if found.error in NOT_RUN:
        return NOT_RUN[found.error]
    theirs = _students_frame(found, rebuilt, assignment)
    where = f"\n{place(theirs, rebuilt)}" if theirs else ""
    return shortened(f"{_name_and_text(found)}{where}")


def place(frame: Frame, rebuilt: Rebuilt) -> str:
    """Name a line of a student's cell and show it."""
    lines = str(rebuilt.notebook["cells"][frame.cell]["source"]).split("\n")
    owner = rebuilt.owners[frame.cell]
    name = f" of `{owner or frame.function}`" if owner or frame.function else ""
    if not 1 <= frame.line <= len(lines):
        return f"line {frame.line}{name}"
    return f"line {frame.line}{name}: {lines[frame.line - 1].strip()[:LINE_CHARACTERS]}"


def shortened(text: str) -> str:
    """Cut a text that is too long for a record."""
    text = text.strip()
    return text if len(text) <= MESSAGE_CHARACTERS else text[: MESSAGE_CHARACTERS - 1] + "…"


def _name_and_text(found: CellFinding) -> str:
    text = _PLACE_IN_CELL.sub("", found.message)
    return f"{found.error}: {text}" if text else str(found.error)


def _students_frame(found: CellFinding, rebuilt: Rebuilt, assignment: Assignment) -> Frame | None:
    """Give the student's line where the error came from, None where a test raised it itself."""
    frames = [frame for frame in found.frames if 0 <= frame.cell < len(rebuilt.owners)]
    if frames and rebuilt.is_students(frames[-1].cell, assignment):
        return frames[-1]
    return None


def _undefined_answer(found: CellFinding, assignment: Assignment) -> str | None:
    if found.error != "NameError":
        return None
    return next(
        (name for name in assignment.answers if found.message == f"name '{name}' is not defined"),
        None,
    )


def _why_undefined(name: str, rebuilt: Rebuilt, cells: dict[int, CellFinding]) -> str:
    finding = cells.get(rebuilt.owners.index(name)) if name in rebuilt.owners else None
    if finding is None or finding.error is None:
        return f"`{name}` is not defined: is its definition deleted or renamed?"
    line = finding.frames[-1] if finding.frames else None
    where = f"\n{place(line, rebuilt)}" if line and line.cell < len(rebuilt.owners) else ""
    return f"`{name}` is not defined: its cell ended with {_name_and_text(finding)}{where}"
