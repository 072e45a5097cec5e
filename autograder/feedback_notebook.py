"""The student's own notebook on the feedback page: code, text, output and pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.feedback_markup import code, markdown
from autograder.feedback_pictures import MOST_PICTURES, Picture, read_picture, within_budget
from autograder.pages import TextBudget
from autograder.records import CellRecord, SubmissionRecord

PICTURE_BYTES = 500_000
"""How much base64 of pictures one page holds; the whole page stays under 1 MB."""

_OUTPUT_CHARACTERS = 4000
_MOST_OTHERS = 40

Safe = Callable[..., str]


@dataclass(frozen=True)
class PictureView:
    """A picture and what it is called; without `picture` it was left out, and `alt` says why."""

    picture: Picture | None
    alt: str


@dataclass(frozen=True)
class CellView:
    """One of the student's cells as the page shows it; `body` is safe HTML."""

    name: str
    is_code: bool
    body: Markup
    error: str
    output: str
    pictures: tuple[PictureView, ...]

    @property
    def has_result(self) -> bool:
        """Whether running it left anything."""
        return bool(self.error or self.output or self.pictures)


@dataclass(frozen=True)
class NotebookView:
    """The student's cells: those with a name by it, and the others in their order."""

    named: dict[str, CellView]
    others: tuple[CellView, ...]
    left_out: int


def notebook_view(record: SubmissionRecord, safe: Safe, budget: TextBudget) -> NotebookView:
    """Make all that the page shows of the student's own notebook.

    Args:
        record: what grading found out.
        safe: cleans and cuts what was printed, and takes out lines of hidden tests.
        budget: what the page still has room for.

    Returns:
        The cells, named ones first in line for the room that is left.
    """
    pictures = _pictures(record.cells)
    named: dict[str, CellView] = {}
    for cell, shown in zip(record.cells, pictures, strict=True):
        if cell.grade_id is not None:
            named[cell.grade_id] = _cell_view(cell, shown, safe, budget)
    others = [
        (cell, shown)
        for cell, shown in zip(record.cells, pictures, strict=True)
        if cell.grade_id is None and (cell.source.strip() or cell.error or shown)
    ]
    views = [_cell_view(cell, shown, safe, budget) for cell, shown in others[:_MOST_OTHERS]]
    return NotebookView(named, tuple(views), max(0, len(others) - _MOST_OTHERS))


def _cell_view(
    cell: CellRecord, pictures: tuple[PictureView, ...], safe: Safe, budget: TextBudget
) -> CellView:
    is_code = cell.kind == "code"
    return CellView(
        name=safe(cell.grade_id or ("your own cell" if cell.source else "a given cell"), 100),
        is_code=is_code,
        body=_body(cell.source.strip("\n"), is_code, budget),
        error=safe(cell.error or "", 600),
        output=safe(cell.output.strip("\n"), _OUTPUT_CHARACTERS),
        pictures=pictures,
    )


def _body(source: str, is_code: bool, budget: TextBudget) -> Markup:
    """Render a cell's text, as plain text where the page has no room for more."""
    if not source.strip():
        return Markup("")
    if len(source) < budget.left:
        html = code(source) if is_code else markdown(source)
        if budget.spend(html):
            return html
    shown = Markup("{}").format(budget.take(source, 20_000))
    return shown if is_code else Markup("<pre>{}</pre>").format(shown)


def _pictures(cells: Sequence[CellRecord]) -> list[tuple[PictureView, ...]]:
    """Decode the pictures of all cells and leave out the largest where there are too many."""
    texts = [(index, text) for index, cell in enumerate(cells) for text in cell.pictures]
    read = [(index, read_picture(text)) for index, text in texts[:MOST_PICTURES]]
    kept = iter(within_budget((p for _, p in read if p is not None), PICTURE_BYTES))
    views: list[list[PictureView]] = [[] for _ in cells]
    for index, picture in read:
        name = cells[index].grade_id or "one of your own cells"
        number = len(views[index]) + 1
        if picture is None:
            said = "A picture was left out: it is no PNG that can be shown."
            views[index].append(PictureView(None, said))
            continue
        fitting = next(kept)
        said = f"Picture {number} that {name} drew"
        if fitting is None:
            said = (
                f"A picture of {picture.width} × {picture.height} pixels was left out: "
                "the page would be too large with it."
            )
        views[index].append(PictureView(fitting, said))
    lost = [cell.left_out for cell in cells]
    for index, _ in texts[MOST_PICTURES:]:
        lost[index] += 1
    for index, count in enumerate(lost):
        if count > 0:
            said = f"{count} more pictures" if count > 1 else "One more picture"
            said += " left out: too many, too large, or no PNG."
            views[index].append(PictureView(None, said))
    return [tuple(view) for view in views]
