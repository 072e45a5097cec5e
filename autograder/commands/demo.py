"""`course demo`: a small class, from release to feedback and report, in its own folder."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.course import Course
    from autograder.demo.run import Outcome, Result

WEEK = "week01_perceptron"


def demo(
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="How many submissions are graded at once.")
    ] = 2,
    target: Annotated[
        Path | None,
        typer.Option(
            "--target", help="Folder of the demo; demo/ in the private folder if not given."
        ),
    ] = None,
    engine: Annotated[str, typer.Option(help="How: judge; nbgrader, the reference.")] = "judge",
    sandbox: Annotated[
        str,
        typer.Option("--sandbox", help="bubblewrap; or none, which leaves hostile members out."),
    ] = "bubblewrap",
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Make a small class, grade it, and write everybody's feedback and the class report.

    Right, half right, broken and hostile submissions of week 1, in a folder of their own: the real
    submissions and the gradebook are not touched. Exit code 1 if any points differ from those
    deserved, or if there is no wall on this machine to grade behind.
    """
    import json
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.course import load_course
    from autograder.demo.run import grade_class, make_class
    from autograder.engines import find_engine
    from autograder.errors import CourseError

    if sandbox not in ("bubblewrap", "none"):
        raise CourseError(f"there is no sandbox {sandbox!r}", "Sandboxes: bubblewrap, none.")
    course = load_course()
    week = course.week(WEEK)
    started = time.monotonic()
    console = Console(highlight=False, soft_wrap=True)
    messages = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=messages, transient=True, disable=as_json) as progress:
        task = progress.add_task("Making the class", total=None)
        outcome, material = make_class(course, week, target or course.private / "demo")
        try:
            find_engine(engine).wall(sandbox)  # type: ignore[arg-type]
        except CourseError as error:
            progress.stop()
            _say_what_is_missing(messages, outcome, error)
            raise typer.Exit(1) from None
        progress.update(task, description="Getting the tests ready")
        grade_class(
            outcome,
            week,
            material.lesson,
            engine=engine,
            sandbox=sandbox,  # type: ignore[arg-type]
            workers=workers,
            progress=lambda done, total: progress.update(
                task, description="Grading", completed=done, total=total
            ),
        )
    if as_json:
        print(json.dumps(_facts(outcome), indent=1, ensure_ascii=False))
    else:
        _print_table(console, course, outcome, time.monotonic() - started)
    raise typer.Exit(0 if outcome.as_deserved else 1)


def _say_what_is_missing(console: "Console", outcome: "Outcome", error: Exception) -> None:
    console.print(f"Made, but not graded: {outcome.stage.private / 'submitted'}", markup=False)
    console.print(str(error), markup=False, style="bold")
    console.print("`course demo --sandbox none` grades all but the hostile members.", markup=False)


def _print_table(console: "Console", course: "Course", outcome: "Outcome", seconds: float) -> None:
    from rich.table import Table
    from rich.text import Text

    from autograder.pages import format_points

    table = Table(title=f"{course.title}: {WEEK}", title_justify="left")
    for heading in ("Student", "What was handed in"):
        table.add_column(heading)
    for heading in ("Points", "Deserved"):
        table.add_column(heading, justify="right")
    table.add_column("Note", overflow="fold")
    for result in outcome.results:
        differs = bool(result.differences)
        table.add_row(
            Text(result.member.name),
            Text(result.member.what),
            Text(format_points(sum(test.points for test in result.record.tests))),
            Text(format_points(sum(result.deserved.values()))),
            Text(_note(result)),
            style="bold red" if differs else None,
        )
    console.print(table)
    for member in outcome.left_out:
        console.print(f"Left out, as there is no wall: {member.name} ({member.what})", markup=False)
    wrong = [result for result in outcome.results if result.differences]
    for result in wrong:
        for difference in result.differences:
            console.print(f"{result.member.name}: {difference}", style="red", markup=False)
    if not wrong:
        count = len(outcome.results)
        console.print(f"All {count} got the points they deserve, in {seconds:.0f} seconds.")
    most_to_say = max(outcome.results, key=_different_messages).member.folder
    console.print(f"Feedback  {outcome.feedback[most_to_say]}", markup=False)
    others, folder = len(outcome.feedback) - 1, outcome.stage.private / "feedback"
    console.print(f"          and {others} more in {folder}", markup=False)
    console.print(f"Report    {outcome.report}", markup=False)
    console.print(f"Release   {outcome.bundle}", markup=False)


def _different_messages(result: "Result") -> int:
    return len({test.message for test in result.record.tests if not test.passed})


def _note(result: "Result") -> str:
    """Say in a few words what grading had to say about a member."""
    from autograder.demo.run import everything_said
    from autograder.pages import plain
    from autograder.statistics import first_line

    record, shows = result.record, result.member.shows
    failed = [test for test in record.tests if not test.passed]
    timed_out = sum(test.timed_out for test in failed)
    wanted = [line for line in everything_said(record).splitlines() if shows and shows in line]
    parts = [record.problem] if record.problem else []
    if timed_out:
        parts.append(f"{timed_out} {'test' if timed_out == 1 else 'tests'} timed out")
    parts += (wanted or record.notes)[:1]
    if failed and not parts and record.status == "graded":
        parts.append(first_line(failed[0].message))
    return textwrap.shorten(plain("; ".join(parts).replace("`", "")), 100, placeholder=" …")


def _facts(outcome: "Outcome") -> dict:
    return {
        "as_deserved": outcome.as_deserved,
        "report": str(outcome.report),
        "bundle": str(outcome.bundle),
        "left_out": [member.folder for member in outcome.left_out],
        "students": {
            result.member.folder: {
                "what": result.member.what,
                "status": result.record.status,
                "points": {test.grade_id: test.points for test in result.record.tests},
                "deserved": result.deserved,
                "differences": result.differences,
                "feedback": str(outcome.feedback[result.member.folder]),
            }
            for result in outcome.results
        },
    }
