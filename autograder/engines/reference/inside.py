"""The half of the reference engine that runs behind the wall, once for each submission.

Runs nbgrader's autograde on one notebook in a throw-away course, with the configuration of
`nbgrader_config.py`, and writes what came of it to standard output: one JSON document.
"""

import json
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from autograder.startup import skip_slow_imports
from autograder.wall import Limits, apply_limits

skip_slow_imports()

STUDENT = "student"
FULL = 2**20  # bytes left in a folder that counts as full


def main(job_file: str) -> None:
    """Grade the submission that a job describes.

    Args:
        job_file: a JSON file, written by `autograder.engines.reference.engine`.
    """
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    apply_limits(Limits(**job["limits"]), count_processes=job["confined"])
    answer = os.dup(1)
    os.dup2(2, 1)  # whatever prints from here on goes to the log
    findings = autograde(job)
    with os.fdopen(answer, "wb") as file:
        text = json.dumps(findings, allow_nan=False, ensure_ascii=False)
        file.write(text.encode("utf-8", "replace"))  # half a surrogate pair can be printed


def autograde(job: dict[str, Any]) -> dict[str, Any]:
    """Run nbgrader's autograde in a throw-away course.

    Args:
        job: what to grade, where and how.

    Returns:
        The fields of `autograder.engines.Findings`.
    """
    from nbgrader.api import Gradebook
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from autograder.engines.reference.execution import PatientExecute
    from autograder.engines.reference.stream import CappedStream

    root = Path(job["scratch"]) / "course"
    submitted = root / "submitted" / STUDENT / job["week"]
    submitted.mkdir(parents=True)
    shutil.copyfile(job["notebook"], submitted / f"{job['name']}.ipynb")
    shutil.copyfile(job["gradebook"], root / "gradebook.db")
    database = f"sqlite:///{root / 'gradebook.db'}"
    configuration = Config(job["configuration"])
    configuration.CourseDirectory.root = str(root)
    configuration.CourseDirectory.db_url = database
    configuration.CourseDirectory.assignment_id = job["week"]
    configuration.CourseDirectory.student_id = STUDENT
    configuration.Execute.shutdown_kernel = "immediate"
    stream = f"{CappedStream.__module__}.{CappedStream.__name__}"
    configuration.Execute.extra_arguments = [f"--IPKernelApp.outstream_class={stream}"]
    log = logging.Logger("autograde")
    log.addHandler(logging.StreamHandler())
    log.setLevel(logging.WARNING)
    directory = CourseDirectory(config=configuration, log=log)
    execute = PatientExecute(
        seconds=job["seconds"],
        seconds_per_cell=configuration.Execute.get("timeout") or int(job["seconds"]),
        output_bytes=job["output_bytes"],
        config=configuration,
        log=log,
    )
    converter = Autograde(coursedir=directory, config=configuration, log=log)
    converter.autograde_preprocessors = [
        execute if _name(step) == "Execute" else step for step in converter.autograde_preprocessors
    ]
    problem = None
    try:
        converter.start()
    except NbGraderException as error:
        problem = _reason(error, root)
    scores: dict[str, float | None] = {}
    if problem is None:
        with Gradebook(database) as book:
            graded = book.find_submission_notebook(job["name"], job["week"], STUDENT)
            scores = {grade.name: grade.auto_score for grade in graded.grades}
    return {"scores": scores, "cells": list(execute.observed.values()), "problem": problem}


def _reason(error: Exception, folder: Path) -> str:
    if shutil.disk_usage(folder).free < FULL:
        return "its code filled the folder for temporary files"
    return f"nbgrader could not grade this notebook: {str(error)[:200]}"


def _name(step: Any) -> str:
    return step.rpartition(".")[2] if isinstance(step, str) else step.__name__


if __name__ == "__main__":
    main(sys.argv[1])
