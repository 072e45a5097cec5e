"""`course grade`: grade what was handed in."""

import json
from typing import Annotated, Any

import typer

SHOWN_NOTES = 2
WIDTH_OF_FILES = 300


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
    wanted = {week.folder: student for week in selected}
    if not weeks:  # all weeks: those for which there is something to grade, of these students
        there = {week: {s.student for s in find_submissions(course, week)} for week in selected}
        nowhere = sorted(set(student or ()).difference(*there.values()))
        if nowhere:
            raise CourseError(f"{', '.join(nowhere)} handed in nothing.", _where(course))
        asked = {week: names & set(student) if student else names for week, names in there.items()}
        selected = [week for week in selected if asked[week]]
        wanted = {week.folder: sorted(asked[week]) if student else None for week in selected}
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
                students=wanted[week.folder],
                progress=show,
                scheduler=scheduler,
                say=console.print,
            )
    if as_json:
        print(json.dumps([record.model_dump() for record in records], indent=1))
    else:
        _print_table(course, records)
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


def _where(course: Any) -> str:
    from autograder.submissions import SUBMITTED

    return f"Submissions lie in {course.private / SUBMITTED}/STUDENT/WEEK/NAME.ipynb."


def _print_table(course: Any, records: list) -> None:
    """Print a line a student; no name is cut, and in a file or a pipe nothing is wrapped."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.pages import format_points

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    if not records:
        console.print(f"Nothing was handed in. {_where(course)}", soft_wrap=True, markup=False)
        return
    for folder in dict.fromkeys(record.week for record in records):
        chosen = [record for record in records if record.week == folder]
        table = Table(title=folder, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("student", overflow="fold", min_width=16)
        table.add_column("points", justify="right", no_wrap=True)
        table.add_column("tests passed", justify="right", no_wrap=True)
        table.add_column("remark", overflow="fold")
        for record in chosen:
            passed = sum(test.passed for test in record.tests)
            remarks = [record.problem] if record.problem else []
            remarks += record.notes[:SHOWN_NOTES]
            more = len(record.notes) - SHOWN_NOTES
            remarks += [f"{more} more"] if more > 0 else []
            table.add_row(
                Text(record.student),
                f"{format_points(record.points)} / {format_points(record.max_points)}",
                f"{passed} / {len(record.tests)}",
                Text("; ".join(remarks)),
            )
        console.print(table)
        waiting = sum(record.awaits_hand_grading for record in chosen)
        if waiting:
            whose = f"{waiting} student{'s' * (waiting != 1)}"
            text = f"Written answers of {whose} wait for a mark: formgrader, in `course lab`."
            console.print(text, soft_wrap=True)
