"""Findings about single cells as plain data, checked where they come from a student's process."""

import re
from typing import Any

MOST_OUTPUTS = 600
MOST_PICTURE = 3_000_000
MOST_MESSAGE = 10_000
MOST_FRAMES = 20
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def cell_finding(
    index: int, error: str | None = None, message: str = "", places: Any = ()
) -> dict[str, Any]:
    """Describe how a cell ended.

    Args:
        index: the cell.
        error: name of what it raised.
        message: what that said.
        places: the lines of cells that it came through.

    Returns:
        The fields of `autograder.engines.CellFinding`.
    """
    return {
        "cell": index,
        "error": None if error is None else printable(error)[:200],
        "message": printable(message)[:MOST_MESSAGE],
        "frames": [
            {"cell": cell, "line": line, "function": clean(function) or None}
            for cell, line, function in list(places)[-MOST_FRAMES:]
        ],
        "outputs": [],
        "truncated": False,
        "timed_out": False,
    }


def student_finding(
    index: int, result: dict[str, Any], theirs: set[int], most_text: int
) -> dict[str, Any]:
    """Describe how a student's cell ended, from what the student's process says of it.

    Args:
        index: the cell.
        result: what `run_cell` gave; any part of it may be forged.
        theirs: the cells whose lines may be shown.
        most_text: how many characters of output are kept.

    Returns:
        The fields of `autograder.engines.CellFinding`.
    """
    finding = cell_finding(index)
    if result.get("error") is not None:
        finding = cell_finding(index, *_error(result["error"], theirs))
    room = most_text + 100
    outputs = result.get("outputs")
    for output in outputs[:MOST_OUTPUTS] if type(outputs) is list else []:
        kept = _output(output, room)
        if kept is not None:
            room -= len(kept["text"]) if kept["kind"] == "text" else 0
            finding["outputs"].append(kept)
    finding["truncated"] = result.get("truncated") is True
    return finding


def _error(description: Any, theirs: set[int]) -> tuple[str, str, list[tuple[int, int, str]]]:
    try:
        name, _, text, places, _ = description
        kept = [
            (cell, line, function)
            for cell, line, function in places
            if type(cell) is int and type(line) is int and type(function) is str
        ]
    except (TypeError, ValueError):
        return "RuntimeError", "an error that cannot be described", []
    shown = [place for place in kept if place[0] in theirs and abs(place[1]) < 2**31]
    return str(name)[:200], text if type(text) is str else "", shown


def _output(output: Any, room: int) -> dict[str, Any] | None:
    if type(output) is not dict:
        return None
    kind, name, text = (output.get(key) for key in ("kind", "name", "text"))
    if type(name) is not str or type(text) is not str:
        return None
    if kind == "picture" and len(text) <= MOST_PICTURE and text.isascii():
        return {"kind": "picture", "name": "", "text": text}
    if kind == "text" and room > 0:
        return {"kind": "text", "name": clean(name)[:100], "text": clean(text[:room])}
    return None


def printable(text: str) -> str:
    """Replace also what commands a terminal, or reorders the text beside it."""
    return _CONTROL.sub("\ufffd", clean(text))


def clean(text: str) -> str:
    """Replace what UTF-8 cannot hold (half a surrogate pair)."""
    return str(text).encode("utf-8", "replace").decode("utf-8")
