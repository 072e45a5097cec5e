"""`course feedback`: one safe HTML page for each student."""

import json
from typing import Annotated

import typer


def feedback(
    weeks: Annotated[
        list[str] | None, typer.Argument(help="Weeks, such as 1 or week01; all unless given.")
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the paths as JSON.")] = False,
) -> None:
    """Write one self-contained feedback page for each graded student."""
    from rich.console import Console
    from rich.progress import Progress

    from autograder.course import load_course
    from autograder.errors import CourseError
    from autograder.feedback import write_feedback
    from autograder.records import read_records

    course = load_course()
    wanted = set(student or ())
    found = {}
    for week in course.select(weeks or []):
        records = read_records(course, week)
        found[week] = [record for record in records if not wanted or record.student in wanted]
    unknown = wanted - {record.student for records in found.values() for record in records}
    if unknown:
        raise CourseError(
            f"there is no record of {', '.join(sorted(map(repr, unknown)))}",
            "Run `course grade` first, or check the name in submitted/.",
        )
    total = sum(len(records) for records in found.values())
    if not total:
        raise CourseError("nothing has been graded yet", "Run `course grade` first.")
    pages: dict[str, dict[str, str]] = {}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=as_json) as progress:
        task = progress.add_task("Writing feedback", total=total)
        for week, records in found.items():
            if records:
                written = write_feedback(
                    course, week, records, progress=lambda _: progress.advance(task)
                )
                pages[week.folder] = {name: str(path) for name, path in written.items()}
    if as_json:
        print(json.dumps(pages, indent=1))
        return
    for folder, paths in pages.items():
        where = course.private / "feedback"
        pages_word = "page" if len(paths) == 1 else "pages"
        print(f"{folder}: {len(paths)} {pages_word} in {where}/STUDENT/{folder}/")
