"""`course release`: make the bundles that students get."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

FOLDER = "build/release"


def release(
    weeks: Annotated[list[str] | None, typer.Argument(help="Weeks; all unless given.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            help=f"Where the bundles are written to; {FOLDER} in the course if not given."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make a week's student bundle: a folder, and a zip of it.

    The folder runs where it is unpacked: the notebook with helpers/, data/ and requirements.txt.
    """
    from autograder.build import check_week
    from autograder.bundle import make_bundle, zip_bundle
    from autograder.course import load_course

    course = load_course()
    made = []
    for week in course.select(weeks or []):
        for product in check_week(course, week):
            print(
                f"{product.path.relative_to(course.root)} is stale ({product.why}) and goes out as "
                f"it is: run `course build {week.folder}` and release it again.",
                file=sys.stderr,
            )
        folder = make_bundle(course, week, to or course.root / FOLDER)
        archive = zip_bundle(folder)
        made.append({"week": week.folder, "folder": str(folder), "zip": str(archive)})
        if not as_json:
            print(f"{folder}  and  {archive} ({archive.stat().st_size / 1e6:.1f} MB)")
    if as_json:
        print(json.dumps(made, indent=1))
