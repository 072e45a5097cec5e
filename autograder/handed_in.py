"""The student's own cells as a record keeps them: text, output and pictures, all within limits."""

from autograder.assignment import Assignment
from autograder.autograded import is_png
from autograder.engines import CellFinding
from autograder.messages import cell_error
from autograder.records import CellRecord
from autograder.submissions import Rebuilt

CELL_CHARACTERS = 20_000
NOTEBOOK_CHARACTERS = 400_000
PICTURES = 40
PICTURE_CHARACTERS = 4_000_000  # base64, all pictures of a notebook together
MOST_CELLS = 500


def cell_records(
    rebuilt: Rebuilt, found: dict[int, CellFinding], assignment: Assignment
) -> list[CellRecord]:
    """Keep what a student wrote and what came of it.

    Args:
        rebuilt: the notebook that was graded.
        found: how its cells ran, by position.
        assignment: the week.

    Returns:
        Answers, written answers, cells that the student added, and given cells that ran, in the
        notebook's order; never a test or a locked cell.
    """
    released = {_text(cell["source"]).strip() for cell in assignment.notebook["cells"]}
    room = _Room()
    kept: list[CellRecord] = []
    for index, owner in enumerate(rebuilt.owners):
        cell = rebuilt.notebook["cells"][index]
        if len(kept) >= MOST_CELLS or cell["cell_type"] not in ("code", "markdown"):
            continue
        if not rebuilt.is_students(index, assignment):
            continue
        source = cell["source"] if cell["source"].strip() not in released else ""
        finding = found.get(index) if cell["cell_type"] == "code" else None
        if not source and finding is None:
            continue
        record = CellRecord(grade_id=owner, kind=cell["cell_type"], source=room.text(source))
        if finding is not None:
            record.error = cell_error(finding, rebuilt, assignment)
            texts = (output.text for output in finding.outputs if output.kind == "text")
            record.output = room.text("".join(texts))
            shown = [output.text for output in finding.outputs if output.kind == "picture"]
            record.pictures = room.pictures(shown)
            record.left_out = len(shown) - len(record.pictures)
        kept.append(record)
    return kept


class _Room:
    """How much of a notebook may still be kept."""

    def __init__(self) -> None:
        self._characters = NOTEBOOK_CHARACTERS
        self._pictures = PICTURES
        self._picture_characters = PICTURE_CHARACTERS

    def text(self, text: str) -> str:
        most = max(0, min(CELL_CHARACTERS, self._characters))
        self._characters -= min(len(text), most)
        if len(text) <= most:
            return text
        return text[:most] + f"\n… {len(text) - most:,} characters more …"

    def pictures(self, pictures: list[str]) -> list[str]:
        kept = []
        for picture in pictures:
            if self._pictures <= 0 or len(picture) > self._picture_characters:
                continue
            if is_png(picture):
                kept.append(picture)
                self._pictures -= 1
                self._picture_characters -= len(picture)
        return kept


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
