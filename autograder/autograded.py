"""The autograded notebook, for formgrader: the graded cells, with harmless outputs.

It is made outside the wall from the cells that went in and from checked, plain outputs: text,
errors, and pictures that really are PNG. HTML, JavaScript, SVG and links of a submission never
get into it.
"""

import base64
import binascii
import json
import shutil
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.course import Course
from autograder.engines import CellFinding, Findings, Output
from autograder.records import whole_file
from autograder.scratch import make_private
from autograder.submissions import Rebuilt

FOLDER = "autograded"
PNG = b"\x89PNG\r\n\x1a\n"
PICTURE_BYTES = 2_000_000
PICTURES = 20
NOTEBOOK_BYTES = 20_000_000
LINES = 1000  # of text in one cell, nbgrader's own limit


def write_autograded(
    course: Course,
    assignment: Assignment,
    student: str,
    rebuilt: Rebuilt,
    findings: Findings,
) -> Path:
    """Write the notebook that formgrader and nbgrader's feedback open.

    Args:
        course: the course.
        assignment: the week.
        student: the student's name.
        rebuilt: the notebook that was graded.
        findings: what the engine found.

    Returns:
        The file, `autograded/STUDENT/WEEK/NAME.ipynb`.
    """
    import nbformat

    found = {finding.cell: finding for finding in findings.cells}
    left = NOTEBOOK_BYTES
    cells = []
    for index, cell in enumerate(rebuilt.notebook["cells"]):
        copy = {**cell, "metadata": dict(cell["metadata"])}
        owner = rebuilt.owners[index]
        if owner is not None and assignment.cells[owner].role == "test":
            copy["source"] = assignment.cells[owner].source
        if cell["cell_type"] == "code":
            outputs = safe_outputs(found[index]) if index in found else []
            size = len(json.dumps(outputs))
            left -= size
            copy["outputs"] = outputs if left >= 0 else []
        cells.append(copy)
    notebook = {**rebuilt.notebook, "cells": cells}
    nbformat.validate(notebook)
    path = autograded_path(course, assignment, student)
    make_private(path.parent)
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for other in set(path.parent.glob("*.ipynb")) - {path}:
        other.unlink()
    return path


def autograded_path(course: Course, assignment: Assignment, student: str) -> Path:
    """Where the notebook for formgrader lies."""
    week = assignment.week
    return course.private / FOLDER / student / week.folder / f"{week.name}.ipynb"


def remove_autograded(course: Course, assignment: Assignment, student: str) -> Path:
    """Remove what an earlier grading of the same submission left.

    Args:
        course: the course.
        assignment: the week.
        student: the student's name.

    Returns:
        The folder that is no longer there.
    """
    folder = autograded_path(course, assignment, student).parent
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def safe_outputs(found: CellFinding) -> list[dict[str, Any]]:
    """Turn what a cell left into outputs that no page can be harmed by.

    Args:
        found: how the cell ran.

    Returns:
        Outputs in the notebook format.
    """
    outputs: list[dict[str, Any]] = []
    pictures, lines = 0, 0
    for output in found.outputs:
        if output.kind == "picture":
            pictures += 1
            if pictures <= PICTURES and is_png(output.text):
                data = {"image/png": output.text, "text/plain": "a picture"}
                outputs.append({"output_type": "display_data", "data": data, "metadata": {}})
        elif output.kind == "error":
            outputs.append(_error(output))
        elif lines < LINES:
            kept = output.text.split("\n")[: LINES - lines]
            lines += len(kept)
            name = output.name if output.name in ("stdout", "stderr") else "stdout"
            text = "\n".join(kept) + ("" if lines < LINES else "\n… output cut here …\n")
            outputs.append({"output_type": "stream", "name": name, "text": text})
    return outputs


def is_png(text: str) -> bool:
    """Say whether a base64 text is a PNG of bearable size."""
    if len(text) > PICTURE_BYTES * 4 // 3:
        return False
    try:
        return base64.b64decode(text, validate=False).startswith(PNG)
    except (binascii.Error, ValueError):
        return False


def _error(output: Output) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": output.name,
        "evalue": output.text,
        "traceback": output.traceback,
    }
