"""`course build`: notebooks from lessons."""

from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.errors import CourseError

CONSOLE = Console(stderr=True, highlight=False)


def build(
    weeks: Annotated[
        list[str] | None, typer.Argument(help="Weeks; all where none is given.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Build nothing; say what is stale, and why.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Execute also what has not changed.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Weeks that are executed at a time.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="The facts as JSON.")] = False,
) -> None:
    """Make the executed solution notebook and the student's notebook from each lesson's source.

    Only what changed is executed. Exit code 1 where a cell fails or, with --check, something is
    stale.
    """
    from autograder.course import load_course

    course = load_course()
    chosen = course.select(weeks or [])
    facts = _check(course, chosen) if check else _build(course, chosen, force, workers, as_json)
    if as_json:
        import json

        typer.echo(json.dumps(facts, indent=2))
    if facts["failures"] or facts.get("stale"):
        raise typer.Exit(1)


def _check(course: Any, weeks: list[Any]) -> dict[str, Any]:
    from autograder.build import check_week

    stale, failures = [], []
    for week in weeks:
        try:
            found = check_week(course, week)
        except CourseError as error:
            failures.append(_failure(week, error))
            continue
        for product in found:
            path = product.path.relative_to(course.root).as_posix()
            stale.append({"week": week.folder, "path": path, "why": product.why})
            _say(f"[bold]{path}[/] is stale: {escape(product.why)}")
    if stale:
        _say(f"Run `course build {' '.join(dict.fromkeys(s['week'] for s in stale))}`.")
    elif not failures:
        count = "1 week is" if len(weeks) == 1 else f"{len(weeks)} weeks are"
        _say(f"{count} up to date.")
    return {"stale": stale, "failures": failures}


def _build(course: Any, weeks: list[Any], force: bool, workers: int, quiet: bool) -> dict[str, Any]:
    from autograder.build import build_week

    built, failures = [], []
    stop = Event()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} cells"))
    with (
        Progress(*columns, TimeElapsedColumn(), console=CONSOLE, disable=quiet) as bars,
        ThreadPoolExecutor(workers) as pool,
    ):

        def start(week: Any) -> Future[Any]:
            bar = bars.add_task(week.folder, total=None)

            def advance(done: int, total: int) -> None:
                if stop.is_set():  # between two cells: the kernel is shut down properly
                    raise InterruptedError
                bars.update(bar, completed=done, total=total)

            return pool.submit(build_week, course, week, force=force, progress=advance)

        jobs = {start(week): week for week in weeks}
        try:
            for job in as_completed(jobs):
                try:
                    done = job.result()
                except CourseError as error:
                    failures.append(_failure(jobs[job], error))
                    continue
                built.append(_report(course, done))
        except KeyboardInterrupt:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return {"built": built, "failures": failures}


def _report(course: Any, done: Any) -> dict[str, Any]:
    paths = [path.relative_to(course.root).as_posix() for path in done.written]
    what = f"executed, as {done.why}" if done.why else "not executed, as no code changed"
    _say(f"{done.week}: {what}; {', '.join(paths) or 'nothing'} written")
    return {"week": done.week, "why": done.why, "written": paths}


def _failure(week: Any, error: CourseError) -> dict[str, str]:
    CONSOLE.print(error.message, style="bold red", markup=False, soft_wrap=True)
    CONSOLE.print(error.cure, markup=False, soft_wrap=True)
    return {"week": week.folder, "what": error.message, "cure": error.cure}


def _say(text: str) -> None:
    CONSOLE.print(text, soft_wrap=True)
