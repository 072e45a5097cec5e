"""A student's notebook runs before anything is written: nothing fails but "not written yet"."""

import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course import load_course

ROOT = Path(__file__).resolve().parents[1]
COURSE = load_course(ROOT)
NOTEBOOK_LIMIT_SECONDS = 120


@pytest.mark.slow
@pytest.mark.parametrize("week", COURSE.weeks, ids=lambda week: week.folder)
def test_nothing_fails_but_what_is_not_written_yet(week):
    path = week.student(COURSE)
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    NotebookClient(
        notebook,
        timeout=NOTEBOOK_LIMIT_SECONDS,
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    seconds = time.monotonic() - start

    errors = [
        (cell.id, output.ename, output.evalue)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]
    unexpected = [
        error
        for error in errors
        if error[1] != "NotImplementedError" or not error[2].endswith("is not written yet")
    ]
    assert not unexpected
    assert errors, "an unwritten notebook should say what is not written yet"
    assert seconds < NOTEBOOK_LIMIT_SECONDS
