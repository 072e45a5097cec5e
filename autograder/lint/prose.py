"""Rules for what the text must offer: hints, predictions, clinics, reading, an ending."""

import ast
import re
from collections.abc import Iterator

from autograder.lesson import Cell
from autograder.lint.front import outcomes
from autograder.lint.rules import Context, Note, rule

LEAST_HINTS = 3
BOOKS = (
    ("Goodfellow, Bengio and Courville, 2016", ("Goodfellow", "Bengio", "Courville", "2016")),
    ("Buduma and Locascio, 2017", ("Buduma", "Locascio", "2017")),
)
CLOSING = "## What you can do now"

_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
_TITLE = re.compile(r"\*[^*]+\*|\"[^\"]+\"|“[^”]+”|‘[^’]+’")


@rule("hints", "Add `<details><summary>Hint: the symptom</summary>` … `</details>`.")
def hints(context: Context) -> Iterator[Note]:
    """There are at least three hints that fold out."""
    count = sum(cell.source.count("<summary>Hint: ") for cell in context.prose)
    if count < LEAST_HINTS:
        yield Note(f"{count} hints fold out, {LEAST_HINTS} are the least")


@rule("fold-out", "Close every `<details>` and give it a `<summary>`.")
def fold_out(context: Context) -> Iterator[Note]:
    """Every fold-out is closed and has a summary."""
    for cell in context.prose:
        counts = [
            cell.source.count(tag) for tag in ("<details>", "</details>", "<summary>", "</summary>")
        ]
        if len(set(counts)) > 1:
            yield Note("a fold-out is not closed or has no summary", cell)


@rule("prediction", "Before the plot let the student commit: a small cell `my_guess = …`.")
def prediction(context: Context) -> Iterator[Note]:
    """Before every plot, and after the one before it, the student commits to a prediction."""
    start = 0
    for plot in context.plot_cells:
        since = [c for c in context.code if start <= c.index < plot.index]
        if not any(_guesses(cell) for cell in since):
            yield Note("no prediction comes before this plot", plot)
        start = plot.index + 1


@rule("prediction-shown", 'Print the guess beside the measurement: `print(f"your guess {…}")`.')
def prediction_shown(context: Context) -> Iterator[Note]:
    """Every prediction is shown beside what was measured."""
    for cell in context.code:
        for name in _guesses(cell):
            later = [c for c in context.after(cell) if c.kind == "code"]
            again = next((n for n, c in enumerate(later) if name in _guesses(c)), len(later))
            if not any(_prints(c.tree, name) for c in (cell, *later[:again])):
                yield Note(f"`{name}` is never printed beside the measurement", cell)


@rule("after-plot", "After the plot say **What you should see.** and why.")
def after_plot(context: Context) -> Iterator[Note]:
    """The text after every plot says what should be seen."""
    for plot in context.plot_cells:
        text = next((c for c in context.after(plot) if c.kind == "markdown"), None)
        if text is None or "**What you should see" not in text.source:
            yield Note("the text after this plot does not say what you should see", plot)


@rule("bug-clinic", "End the exercise with a **Bug clinic**: two wrong versions, answers folded.")
def bug_clinic(context: Context) -> Iterator[Note]:
    """Every exercise ends with a clinic of at least two wrong versions, the answers folded."""
    answers = context.lesson.of_role("answer")
    for answer, following in zip(answers, [*answers[1:], None], strict=True):
        end = following.index if following else len(context.lesson.cells)
        texts = [c for c in context.prose if answer.index < c.index < end]
        clinic = next((c for c in texts if "**Bug clinic" in c.source), None)
        if clinic is None:
            yield Note("this exercise has no bug clinic", answer)
        elif len(re.findall(r"(?:^|\s)\d\. ", clinic.source.split("<details>")[0])) < 2:
            yield Note("this bug clinic has fewer than two numbered versions", clinic)
        elif "<details><summary>Answer" not in clinic.source:
            yield Note("this bug clinic has no folded answers", clinic)


@rule(
    "further-reading", "Cite authors, *title*, venue and year, the course's two books among them."
)
def further_reading(context: Context) -> Iterator[Note]:
    """Further reading has full citations and the course's two books."""
    cell = next((c for c in context.prose if "**Further reading" in c.source), None)
    if cell is None:
        yield Note("there is no **Further reading**")
        return
    text = cell.source[cell.source.index("**Further reading") :]
    for book, words in BOOKS:
        if not all(word in text for word in words):
            yield Note(f"further reading lacks {book}", cell)
    items = re.findall(r"^[-*] .*(?:\n  .*)*", text, re.MULTILINE) or [text]
    for item in items:
        if not _YEAR.search(item) or not _TITLE.search(item):
            yield Note(f"no full citation: {' '.join(item.split())[:60]}", cell)


@rule("closing", "End with `## What you can do now` and a list whose items end in (LOn).")
def closing(context: Context) -> Iterator[Note]:
    """The last section lists what the student can do now, with the outcomes of the beginning."""
    cells = context.prose
    headings = [(c, line) for c in cells for line in c.source.splitlines() if line[:3] == "## "]
    if not headings or headings[-1][1] != CLOSING:
        yield Note(f"the last section is not `{CLOSING}`", headings[-1][0] if headings else None)
        return
    cell = headings[-1][0]
    listed = cell.source.split(CLOSING, 1)[1].split("**Further reading")[0]
    items = re.findall(r"^[-*] .*(?:\n  .*)*", listed, re.MULTILINE)
    if not items:
        yield Note("the closing list is missing", cell)
    named: set[str] = set()
    for item in items:
        found = re.search(r"\((LO[1-5](?:, LO[1-5])*)\)\s*$", item)
        if found:
            named |= set(found[1].split(", "))
        else:
            yield Note(f"this item names no outcome: {' '.join(item.split())[:60]}", cell)
    promised = {name for _, text in outcomes(context) for name in re.findall(r"LO[1-5]", text)}
    for name in sorted(promised - named) if items else ():
        yield Note(f"the beginning promises {name}, the closing list does not have it", cell)


def _guesses(cell: Cell) -> list[str]:
    """Name the predictions that a cell asks for: module-level names that begin with `my_`."""
    if cell.kind != "code" or cell.role not in ("given", "demo"):
        return []
    targets = [t for node in cell.tree.body if isinstance(node, ast.Assign) for t in node.targets]
    return [t.id for t in targets if isinstance(t, ast.Name) and t.id.startswith("my_")]


def _prints(tree: ast.AST, name: str) -> bool:
    """Say whether a name is read within a call (`print`, or a label in a figure)."""
    return any(
        isinstance(inner, ast.Name) and inner.id == name and isinstance(inner.ctx, ast.Load)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for argument in (*node.args, *(k.value for k in node.keywords))
        for inner in ast.walk(argument)
    )
