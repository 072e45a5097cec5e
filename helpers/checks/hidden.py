"""Find out whether a check was called from the hidden part of a test cell."""

import linecache
import sys
from types import FrameType

BEGIN = "### BEGIN HIDDEN TESTS"
END = "### END HIDDEN TESTS"


def in_hidden_region() -> bool:
    """Say whether any caller stands between the marks of a hidden region.

    The source of each calling frame is read through `linecache`, where IPython and the grader
    register their cells. All frames count, so that a small function of a test cell that is called
    from its hidden part is hidden too.

    Returns:
        True if the messages of the check must not show numbers.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if _line_is_hidden(linecache.getlines(frame.f_code.co_filename), frame.f_lineno):
            return True
        frame = frame.f_back
    return False


def _line_is_hidden(lines: list[str], number: int) -> bool:
    for line in reversed(lines[: max(number - 1, 0)]):
        stripped = line.strip()
        if stripped.startswith(BEGIN):
            return True
        if stripped.startswith(END):
            return False
    return False
