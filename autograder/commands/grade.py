"""`course grade`: grade what was handed in."""

import json
from typing import Annotated, Any

import typer


def grade(
    weeks: Annotated[list[str] | None, typer.Argument(help="Weeks, such as 1 or week01.")] = None,
    engine: Annotated[str, typer.Option(help="How: judge; nbgrader, the reference.")] = "judge",
    sandbox: Annotated[str, typer.Option(help="bubblewrap, or none.")] = "bubblewrap",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Submissions at once.")] = 2,
    student: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a dask scheduler; or local: dask's workers on this machine."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade all of them again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the records as JSON.")] = False,
) -> None:
    """Grade what is new or changed, behind a wall, into records and nbgrader's gradebook.

    Can be stopped at any time (Ctrl-C) and run again: finished submissions are not graded twice.
    Leaves with 1 if a submission had a problem (no notebook, unreadable, ended by a limit …).
    """
    from rich.console import Console

    from autograder.course import load_course
    from autograder.engines import find_engine
    from autograder.errors import CourseError
    from autograder.grading import grade_week
    from autograder.records import SubmissionRecord
    from autograder.submissions import find_submissions

    course = load_course()
    if sandbox not in ("bubblewrap", "none"):
        raise CourseError(f"There is no sandbox {sandbox!r}.", "Choose bubblewrap or none.")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"engine {engine}, sandbox {sandbox}. {find_engine(engine).warning}")
    if sandbox == "none":
        console.print("No wall: the submissions' code can read and change all that you can.")
    selected = course.select(weeks or [])
    if not weeks:  # all weeks: those for which there is something to grade
        selected = [week for week in selected if find_submissions(course, week)]
    records: list[SubmissionRecord] = []
    with _progress_bar(console) as bar:
        for week in selected:
            task = bar.add_task(week.folder, total=None)

            def show(done: int, total: int, record: SubmissionRecord | None, task=task) -> None:
                bar.update(task, completed=done, total=total)

            records += grade_week(
                course,
                week,
                engine=engine,
                sandbox=sandbox,  # type: ignore[arg-type]
                workers=workers,
                force=force,
                students=student,
                progress=show,
                scheduler=scheduler,
                say=console.print,
            )
    if as_json:
        print(json.dumps([record.model_dump() for record in records], indent=1))
    else:
        _print_table(records)
    if any(record.status != "graded" for record in records):
        raise typer.Exit(1)


def _progress_bar(console: Any) -> Any:
    """Make a bar that shows how many are done, how many a minute, and the time that is left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            seconds = task.finished_time if task.finished else task.elapsed
            if not task.completed or not seconds:
                return Text("")
            return Text(f"{60 * task.completed / seconds:.0f} a minute")

    done = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    return Progress(*done, *times, console=console)


def _print_table(records: list) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not records:
        console.print("Nothing was handed in.")
        return
    table = Table("week", "student", "points", "tests passed", "remark")
    for record in records:
        passed = sum(test.passed for test in record.tests)
        remark = record.problem or ("; ".join(record.notes[:2]))
        if record.awaits_hand_grading:
            remark = f"{remark}; written answers wait" if remark else "written answers wait"
        table.add_row(
            record.week,
            Text(record.student),
            f"{record.points:g} / {record.max_points:g}",
            f"{passed} / {len(record.tests)}",
            Text(remark),
        )
    console.print(table)
