"""Put together what a failing check says."""

import reprlib
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from helpers.checks import hidden
from helpers.checks.plain import type_name

MOST_SHOWN = 16


class _Short(reprlib.Repr):
    """Writes containers in brief, and the arrays in them by their shape."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 8
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 20
        self.maxstring = self.maxother = 120

    def repr_ndarray(self, array: np.ndarray, level: int) -> str:
        values = array_values(array) if array.size <= 6 else ""
        return f"array({values})" if values else f"array of {array_label(array)}"


def fail(
    sentence: str,
    lines: list[str],
    *,
    hidden_lines: list[str] | None = None,
    cause: str | None = None,
    hidden_cause: str | None = None,
) -> NoReturn:
    """Raise the AssertionError of a failed check.

    Args:
        sentence: what the check holds, the first line of the message.
        lines: what came and what was wanted, a line each.
        hidden_lines: the same without numbers, for a check in a hidden region.
        cause: the likely cause, where the numbers betray it.
        hidden_cause: the same without numbers; None takes `cause`.

    Raises:
        AssertionError: always.
    """
    __tracebackhide__ = True
    if hidden.in_hidden_region():
        lines = [] if hidden_lines is None else hidden_lines
        cause = hidden_cause or cause
    message = [sentence, *("  " + line for line in lines)]
    if cause:
        message.append(f"  Likely cause: {cause}")
    raise AssertionError("\n".join(message)) from None


def array_label(array: np.ndarray) -> str:
    """Describe an array without its numbers.

    Args:
        array: any array.

    Returns:
        Such as "shape (2, 3), float64".
    """
    if array.ndim == 0:
        return f"a single number, {array.dtype}"
    return f"shape {array.shape}, {array.dtype}"


def number(value: Any, *, exact: bool = False) -> str:
    """Write a number so that it is read at a glance.

    Args:
        value: a Python or NumPy number or boolean.
        exact: whether all digits are wanted.

    Returns:
        Six significant digits, or all; whole numbers as they are.
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    return f"{value}" if exact else f"{value:.6g}"


def array_values(array: np.ndarray) -> str:
    """Write out a small array.

    Args:
        array: any array.

    Returns:
        Its values on one line if it has at most a dozen, else "".
    """
    if array.size > MOST_SHOWN or array.size == 0:
        return ""
    text = np.array2string(array, precision=6, separator=", ", max_line_width=10_000)
    return " ".join(text.split())


def kind_label(value: Any) -> str:
    """Name the kind of a piece of plain data, with its article.

    Args:
        value: plain data.

    Returns:
        Such as "a list", "an int" or "an array".
    """
    if value is None:
        return "None"
    name = "array" if type(value) is np.ndarray else type_name(value)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def value_label(value: Any) -> str:
    """Describe a piece of plain data, with its value where that is short.

    Args:
        value: plain data.

    Returns:
        Such as "'cat' (str)" or "an array, shape (3,), float64".
    """
    if value is None:
        return "None"
    if type(value) is np.ndarray:
        values = array_values(value)
        label = f"an array, {array_label(value)}" if value.ndim else array_label(value)
        return f"{label}: {values}" if values else label
    try:
        text = _Short().repr(value)
    except ValueError:
        text = "a number of thousands of digits"
    if len(text) > 200:
        text = text[:199] + "…"
    return f"{text} ({type_name(value)})"


def index_text(index: Sequence[Any]) -> str:
    """Write an index as one would type it.

    Args:
        index: an index into an array.

    Returns:
        Such as "[1, 0]".
    """
    return "[" + ", ".join(str(int(i)) for i in index) + "]"
