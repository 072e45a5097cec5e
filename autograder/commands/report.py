"""`course report`: how the class did, as one HTML page a week."""

from typing import Annotated

import typer


def report(
    weeks: Annotated[
        list[str] | None, typer.Argument(help="Weeks, such as 1 or week01; all unless given.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON and write no page.")
    ] = False,
) -> None:
    """Write the class report: points, failing checks, time-outs, difficulty, problems."""
    import json

    from autograder.course import load_course
    from autograder.errors import CourseError
    from autograder.records import read_records
    from autograder.report import class_summary, write_report

    course = load_course()
    found = {week: read_records(course, week) for week in course.select(weeks or [])}
    if not weeks:  # asked for by name, a week without submissions has a report too: an empty one
        found = {week: records for week, records in found.items() if records}
    if not found:
        raise CourseError("nothing has been graded yet", "Run `course grade` first.")
    if as_json:
        summaries = {
            week.folder: class_summary(course, week, records).model_dump(mode="json")
            for week, records in found.items()
        }
        print(json.dumps(summaries, indent=1, ensure_ascii=False))
        return
    for week, records in found.items():
        print(f"{week.folder}: {write_report(course, week, records)}")
