"""What a hostile submission is: an entry in a list, made into a real notebook by `hand_in`."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import Course, Week

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Attributes:
        name: what the student is called, in lower case and with hyphens.
        tries: what it tries, as a sentence.
        deserves: points that its answers are worth.
        answers: texts of answers by grade_id; `{CANARY}` and the like are filled in.
        honest: answers that are taken from the solution.
        first: cells of the student's own before all others.
        last: cells of the student's own after all others.
        change: what is done to the notebook in the end.
        write: writes the file itself, given the notebook and its path.
        status: what the record says of the whole submission.
    """

    name: str
    tries: str
    deserves: float
    answers: dict[str, str] = field(default_factory=dict)
    honest: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    change: Callable[[Notebook], None] | None = None
    write: Callable[[Notebook, Path], None] | None = None
    status: str = "graded"


def grade_id(cell: dict) -> str | None:
    """Give the id by which nbgrader knows a cell."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def texts(notebook: Notebook) -> dict[str, str]:
    """Give the text of each of nbgrader's cells."""
    return {name: "".join(cell["source"]) for cell in notebook["cells"] if (name := grade_id(cell))}


def hand_in(course: Course, week: Week, attack: Attack, places: dict[str, str]) -> None:
    """Make the submission from the week's student notebook.

    Args:
        course: a course whose private folder is the test's.
        week: the week.
        attack: the entry.
        places: what `{CANARY}` and the like stand for.
    """
    notebook = json.loads(week.student(course).read_text(encoding="utf-8"))
    solved = texts(json.loads(week.solution(course).read_text(encoding="utf-8")))
    answers = {name: solved[name] for name in attack.honest} | attack.answers
    for cell in notebook["cells"]:
        if grade_id(cell) in answers:
            cell["source"] = fill(answers.pop(grade_id(cell)), places)
    assert not answers, f"{attack.name}: no such answers: {list(answers)}"
    notebook["cells"][:0] = [own_cell(fill(source, places)) for source in attack.first]
    notebook["cells"] += [own_cell(fill(source, places)) for source in attack.last]
    if attack.change:
        attack.change(notebook)
    path = course.private / "submitted" / attack.name / week.folder / f"{week.name}.ipynb"
    path.parent.mkdir(parents=True)
    if attack.write:
        attack.write(notebook, path)
    else:
        path.write_text(json.dumps(notebook), encoding="utf-8")


def own_cell(source: str) -> dict[str, Any]:
    """Make a code cell such as students add."""
    metadata: dict[str, Any] = {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def fill(source: str, places: dict[str, str]) -> str:
    """Put the places in for `{NAME}`."""
    return re.sub(r"\{([A-Z]+)\}", lambda found: places.get(found[1], found[0]), source)


def hidden_lines(notebook: Notebook) -> set[str]:
    """Give the lines of hidden tests that are long enough to be recognised."""
    lines = set()
    for source in texts(notebook).values():
        for region in re.findall(r"### BEGIN HIDDEN TESTS(.*?)### END HIDDEN TESTS", source, re.S):
            lines |= {line.strip() for line in region.splitlines() if len(line.strip()) > 20}
    visible = "\n".join(
        re.sub(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", source, flags=re.S)
        for source in texts(notebook).values()
    )
    return {line for line in lines if line not in visible}


def link(target: Path) -> Callable[[Notebook, Path], None]:
    """Hand in a link instead of a notebook."""
    return lambda notebook, path: os.symlink(target, path)


def content(data: bytes) -> Callable[[Notebook, Path], None]:
    """Hand in some bytes instead of a notebook."""

    def write(notebook: Notebook, path: Path) -> None:
        path.write_bytes(data)

    return write
