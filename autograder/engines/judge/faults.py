"""Exceptions that cross the border: described as plain data on one side, raised on the other."""

import builtins
import sys
import traceback
from collections.abc import Callable
from typing import Any

MOST_TEXT = 4_000
MOST_TRACEBACK = 8_000
MOST_FRAMES = 20
MOST_BASES = 12
_HOMES = ("builtins", "numpy", "torch")

Place = tuple[int, int, str]


class StudentFault(Exception):
    """What the student's code raised, attached to the exception that the judge raises.

    Attributes:
        name: the exception's class.
        places: the lines of the student's cells that were running: cell, line, function.
    """

    def __init__(self, name: str, places: list[Place]) -> None:
        super().__init__(name)
        self.name = name
        self.places = places


def describe(error: BaseException, places: list[Place], number: int | None) -> tuple:
    """Write an exception as plain data.

    Args:
        error: the exception.
        places: the lines of cells that it came through.
        number: that of the judge's own exception, if this is one that went to and fro.

    Returns:
        What `revive` reads.
    """
    kind = type(error)
    bases = [(base.__module__, base.__qualname__) for base in kind.__mro__[:MOST_BASES]]
    try:
        text = _said(error)[:MOST_TEXT]
    except BaseException:
        text = "(its message cannot be read)"
    return (kind.__name__[:100], bases, text, places[-MOST_FRAMES:], number)


def _said(error: BaseException) -> str:
    """Give what an exception says; of a syntax error without our name for the cell."""
    if isinstance(error, SyntaxError) and isinstance(error.msg, str):
        return error.msg
    return str(error)


def revive(
    description: Any, known: Callable[[int], BaseException | None] = lambda number: None
) -> BaseException:
    """Make the exception that a description stands for.

    Args:
        description: what `describe` wrote, perhaps forged.
        known: gives the judge's own exception of a number.

    Returns:
        An exception of the nearest class that is Python's, NumPy's or torch's, of the name that
        was described; its `__cause__` is a `StudentFault`.
    """
    try:
        name, bases, text, places, number = description
        if type(number) is int and (own := known(number)) is not None:
            return own
        error = exception_class(name, bases)(text if type(text) is str else "")
        error.__cause__ = StudentFault(name, [_place(place) for place in places[:MOST_FRAMES]])
    except (TypeError, ValueError, AttributeError):
        return RuntimeError("an error that cannot be described")
    return error


def _place(place: Any) -> Place:
    cell, line, function = place
    if type(cell) is not int or type(line) is not int or type(function) is not str:
        raise TypeError("not a place")
    return cell, line, function[:100]


def exception_class(name: Any, bases: Any) -> type[Exception]:
    """Find the class to raise for one of a student's, or make one.

    Args:
        name: its name.
        bases: module and name of the classes it derives from, itself first.

    Returns:
        A class derived from Exception, also for what in Python ends a process.
    """
    found: type[Exception] = Exception
    for module, title in bases:
        candidate = getattr(_module(module), title, None) if type(title) is str else None
        if isinstance(candidate, type) and issubclass(candidate, Exception):
            found = candidate
            break
    if found.__name__ == name and found is not Exception:
        return found
    title = name if type(name) is str and name.isidentifier() else "StudentError"
    return type(title[:100], (found,), {"__init__": _keep_text, "__str__": _text})


def _keep_text(self: Any, text: str = "") -> None:
    Exception.__init__(self, text)


def _text(self: Any) -> str:
    return str(self.args[0]) if self.args else ""


def _module(name: Any) -> Any:
    if type(name) is not str or name.split(".")[0] not in _HOMES:
        return None
    return builtins if name == "builtins" else sys.modules.get(name)


def places_in_cells(error: BaseException, cells: dict[str, int]) -> list[Place]:
    """List the lines of cells that an exception came through.

    Args:
        error: the exception; of a syntax error the line that cannot be read is meant.
        cells: the number of each cell by the file name that it was compiled under.

    Returns:
        Cell, line and function of each, outermost first.
    """
    places: list[Place] = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if code.co_filename in cells:
            function = "" if code.co_name == "<module>" else code.co_name
            places.append((cells[code.co_filename], line or 0, function))
    if isinstance(error, SyntaxError) and error.filename in cells:
        places.append((cells[error.filename], error.lineno or 0, ""))
    return places
