"""Read a notebook file safely: any bytes at all, as cells or as one clear error.

Standard library only, so that a student's own check and the grader read alike.
"""

import ast
import json
import math
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAXIMUM_BYTES = 20_000_000
MAXIMUM_CELLS = 5_000
MAXIMUM_OUTPUT = 20_000

# Lines that IPython takes for itself: `%time f()`, `!ls`, `f?`; and `names = !ls`.
_IPYTHONS = re.compile(
    r"^([ \t]*)(?:[%!].*|\?{1,2}[\w.*]+[ \t]*|[%\w.*\[\]]+\?{1,2}[ \t]*)$", re.MULTILINE
)
_TAKEN_FROM_IPYTHON = re.compile(r"^([ \t\w.,\[\]]+=)[ \t]*[%!].*$", re.MULTILINE)


class NotebookError(Exception):
    """A file that cannot be read as a notebook.

    Attributes:
        message: what is wrong, one sentence.
        cure: what to do about it, one sentence.
    """

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(f"{message} {cure}")
        self.message = message
        self.cure = cure


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        index: its position in the notebook, from 0.
        kind: "code", "markdown" or "raw".
        source: its text.
        grade_id: its name for grading, or None.
        role: "answer" and "test" (code), "written" (graded by hand), "demo", "given" (other code),
            "text" (other markdown).
        points: what it is worth; 0 where it is not graded.
        tags: its tags.
        outputs_plain: what running it has left, as plain text, cut at 20,000 characters.
    """

    index: int
    kind: str
    source: str
    grade_id: str | None
    role: str
    points: float
    tags: frozenset[str]
    outputs_plain: str


@dataclass(frozen=True)
class Notebook:
    """A notebook that was read.

    Attributes:
        cells: its cells in order.
        withheld: full names of library functions that its answers are not to call.
        asked_by: who asks the student to write them, such as "week 13".
    """

    cells: tuple[Cell, ...]
    withheld: tuple[str, ...] = ()
    asked_by: str = ""


@dataclass(frozen=True)
class Exercise:
    """An answer with the tests that grade it.

    Attributes:
        name: the answer's grade_id.
        answer: the answer's cell.
        tests: its test cells in order.
    """

    name: str
    answer: Cell
    tests: tuple[Cell, ...]

    @property
    def points(self) -> float:
        """What all its tests are worth together."""
        return sum(test.points for test in self.tests)


def read_notebook(path: str | os.PathLike[str], *, maximum_bytes: int = MAXIMUM_BYTES) -> Notebook:
    """Read a notebook file.

    Args:
        path: the file; a link, a folder or a pipe is refused, not followed.
        maximum_bytes: the largest file that is read.

    Returns:
        The cells, whatever else the file may hold.

    Raises:
        NotebookError: if it is no readable notebook of format 4.
    """
    name = Path(path).name
    return parse_notebook(_read_bytes(path, name, maximum_bytes), name)


def parse_notebook(content: bytes, name: str = "the notebook") -> Notebook:
    """Read a notebook from the bytes of its file.

    Args:
        content: the file's content.
        name: what errors call it.

    Returns:
        The cells.

    Raises:
        NotebookError: if they make no notebook of format 4.
    """
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotebookError(
            f"{name} is not text in UTF-8.", "Save it again from Jupyter as a notebook."
        ) from None
    except RecursionError:
        raise NotebookError(
            f"{name} is nested far too deeply for a notebook.", "Start again from the original."
        ) from None
    except json.JSONDecodeError as error:
        raise NotebookError(
            f"{name} is not valid JSON (line {error.lineno}: {error.msg}).",
            "The file was cut or edited by hand: download it again from Jupyter.",
        ) from None
    except ValueError:
        raise NotebookError(
            f"{name} holds a number with thousands of digits.", "Start again from the original."
        ) from None
    cells = tuple(_cells(data, name))
    asked = _mapping(_mapping(_mapping(data.get("metadata")).get("course")).get("withheld"))
    names, by = asked.get("names"), asked.get("by")
    withheld = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
    return Notebook(cells, tuple(map(_clean, withheld)), _text(by))


def parse_cell(source: str, name: str = "<cell>") -> ast.Module:
    """Read a code cell as Python; where it is none, lines that are IPython's own count as `pass`.

    Args:
        source: the cell's text, of any origin: time and memory grow with its length only.
        name: what errors and tracebacks call it.

    Returns:
        Its tree, with the line numbers of the text.

    Raises:
        SyntaxError: it is not Python; also ValueError, RecursionError and MemoryError, as
            `ast.parse` raises them.
    """
    try:
        return ast.parse(source, name)
    except SyntaxError:
        plain = _TAKEN_FROM_IPYTHON.sub(r"\1 None", _IPYTHONS.sub(r"\1pass", source))
        if plain == source:
            raise
        return ast.parse(plain, name)


def exercises(notebook: Notebook) -> tuple[Exercise, ...]:
    """Pair each answer with its tests.

    A test belongs to the answer whose grade_id stands in its own, `test_ANSWER_what`; of several
    the longest. Of cells with one grade_id the last counts.

    Args:
        notebook: the notebook.

    Returns:
        The exercises in the order of their answers; one may have no test.
    """
    answers = _by_id(notebook, "answer")
    tests: dict[str, list[Cell]] = {name: [] for name in answers}
    for name, test in _by_id(notebook, "test").items():
        fitting = [answer for answer in answers if name.startswith(f"test_{answer}_")]
        if fitting:
            tests[max(fitting, key=len)].append(test)
    ordered = sorted(answers.items(), key=lambda item: item[1].index)
    return tuple(Exercise(name, cell, tuple(tests[name])) for name, cell in ordered)


def _by_id(notebook: Notebook, role: str) -> dict[str, Cell]:
    return {cell.grade_id: cell for cell in notebook.cells if cell.role == role and cell.grade_id}


def _read_bytes(path: str | os.PathLike[str], name: str, maximum_bytes: int) -> bytes:
    flags = os.O_RDONLY
    for extra in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, extra, 0)
    try:
        if os.path.islink(path):
            raise NotebookError(f"{name} is a link, not a file.", "Give the notebook itself.")
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise NotebookError(
            f"There is no file {name}.", "Look at the name and the folder."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotebookError(
            f"{name} cannot be opened ({reason}).", "Look at the name and the permissions."
        ) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise NotebookError(f"{name} is a folder.", "Give the notebook in it.")
        if not stat.S_ISREG(mode):
            raise NotebookError(f"{name} is not an ordinary file.", "Give the notebook itself.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(maximum_bytes + 1)
    finally:
        os.close(descriptor)
    if len(content) > maximum_bytes:
        raise NotebookError(
            f"{name} is larger than {maximum_bytes / 1e6:.3g} MB.",
            "Clear all outputs (Edit menu) and save it again.",
        )
    if not content.strip():
        raise NotebookError(f"{name} is empty.", "Save the notebook again from Jupyter.")
    return content


def _cells(data: Any, name: str) -> list[Cell]:
    if not isinstance(data, dict) or type(data.get("nbformat")) is not int:
        raise NotebookError(f"{name} is not a notebook.", "Give a file that Jupyter saved.")
    version = data["nbformat"]
    if version != 4:
        age = "an old" if version < 4 else "an unknown"
        shown = str(version) if abs(version) < 1000 else "of a very large number"
        raise NotebookError(
            f"{name} is in {age} notebook format ({shown}); format 4 is needed.",
            "Open it in JupyterLab and save it again.",
        )
    raw = data.get("cells")
    if not isinstance(raw, list):
        raise NotebookError(f"{name} has no list of cells.", "Start again from the original.")
    if len(raw) > MAXIMUM_CELLS:
        raise NotebookError(
            f"{name} has {len(raw)} cells; {MAXIMUM_CELLS} are the limit.",
            "Delete those that are not needed.",
        )
    return [_cell(item, index, name) for index, item in enumerate(raw)]


def _cell(raw: Any, index: int, name: str) -> Cell:
    kind = raw.get("cell_type") if isinstance(raw, dict) else None
    if kind not in ("code", "markdown", "raw"):
        raise NotebookError(
            f"Cell {index + 1} of {name} is not a cell.", "Start again from the original."
        )
    metadata = _mapping(raw.get("metadata"))
    grading = _mapping(metadata.get("nbgrader"))
    grade_id = grading.get("grade_id")
    tags = metadata.get("tags")
    names = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    role = _role(kind, grading, frozenset(names))
    return Cell(
        index=index,
        kind=kind,
        source=_text(raw.get("source")),
        grade_id=_clean(grade_id) if isinstance(grade_id, str) and grade_id else None,
        role=role,
        points=_points(grading.get("points")) if role in ("test", "written") else 0.0,
        tags=frozenset(names),
        outputs_plain=_outputs(raw.get("outputs")) if kind == "code" else "",
    )


def _role(kind: str, grading: Mapping[str, Any], tags: frozenset[str]) -> str:
    grade, solution = grading.get("grade") is True, grading.get("solution") is True
    if grade and solution:
        return "written"
    if kind != "code":
        return "text"
    if grade:
        return "test"
    if "demo" in tags:
        return "demo"
    return "answer" if solution else "given"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _points(value: Any) -> float:
    if type(value) not in (int, float):
        return 0.0
    try:
        points = float(value)
    except OverflowError:
        return 0.0
    return points if math.isfinite(points) and points > 0 else 0.0


def _text(value: Any) -> str:
    """Join a text that the format allows to be one string or a list of lines."""
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    """Replace what JSON can hold and UTF-8 cannot (half a surrogate pair)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _outputs(value: Any) -> str:
    pieces = []
    for output in value if isinstance(value, list) else []:
        if not isinstance(output, dict):
            continue
        if output.get("output_type") == "stream":
            pieces.append(_text(output.get("text")))
        elif output.get("output_type") == "error":
            pieces.append(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}\n")
        else:
            plain = _text(_mapping(output.get("data")).get("text/plain"))
            pieces.append(plain + "\n" if plain else "")
    text = "".join(pieces)
    return text if len(text) <= MAXIMUM_OUTPUT else text[: MAXIMUM_OUTPUT - 1] + "…"
