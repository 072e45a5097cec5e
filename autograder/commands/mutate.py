"""`course mutate`: do a lesson's tests notice the mistakes that students make?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.errors import CourseError

if TYPE_CHECKING:
    from autograder.mutation.results import ExerciseResult

Results = dict[str, "list[ExerciseResult]"]
COLUMNS = ("planted", "caught", "rate", "by hand", "hidden only", "other ways")


def mutate(
    weeks: Annotated[
        list[str] | None, typer.Argument(help="Weeks; all where none is given.")
    ] = None,
    exercise: Annotated[
        str | None, typer.Option("--exercise", help="Only this exercise, by its name.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Mutants that run at a time.")
    ] = 2,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Seconds that a mutant has.")
    ] = 10.0,
    changed: Annotated[
        bool,
        typer.Option(
            "--changed", help="In full only what changed since the record; else a 10 % sample."
        ),
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Write tests/mutants/record.json afterwards.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Also say what caught each mutant.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The facts as JSON.")] = False,
) -> None:
    """Plant mistakes into the solutions, one at a time, and see whether the tests notice.

    Exit code 1 where under 95 % of an exercise's mistakes are caught, a mistake written by hand
    survives or cannot be planted, an [[equivalent]] matches no mutant, or a right answer written in
    another way is refused.
    """
    from autograder.course import load_course
    from autograder.mutation.record import write_record

    if record and (changed or exercise):
        raise CourseError(
            "--record needs a full run", "Leave out --changed and --exercise, or --record."
        )
    if exercise and len(weeks or []) != 1:
        raise CourseError(
            "--exercise needs its week", f"`course mutate WEEK --exercise {exercise}`"
        )
    course = load_course()
    chosen = course.select(weeks or [])
    results = _run(course, chosen, exercise, workers, timeout, changed)
    if as_json:
        import json

        facts = {
            folder: {result.name: result.facts() for result in found}
            for folder, found in results.items()
        }
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        for folder, found in results.items():
            _print_week(folder, found, verbose)
    if record:
        refused = write_record(course, results)
        if refused:
            _console().print(f"not recorded, as they have findings: {', '.join(refused)}")
    if any(result.findings for found in results.values() for result in found):
        raise typer.Exit(1)


def _run(
    course: Any, weeks: list[Any], exercise: str | None, workers: int, timeout: float, changed: bool
) -> Results:
    """Run the weeks one after the other, with a progress bar for each."""
    from autograder.mutation import record
    from autograder.mutation.run import prepare, run_week, sample

    results: Results = {}
    known = record.read_record(course) if changed else {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=_console(), transient=True) as bars:
        for week in weeks:
            lesson, work = prepare(course, week, exercise)
            recorded = known.get(week.folder, {}).get("hash")
            if recorded and recorded == record.fingerprint(course, week):
                sample(work, record.SAMPLE_SHARE, record.SAMPLE_SEED)
                for each in work:
                    name = each.exercise.name
                    each.result.known_survivors = record.known_survivors(known, week.folder, name)
            bar = bars.add_task(week.folder, total=sum(len(each.variants) for each in work))

            def advance(done: int, bar: Any = bar) -> None:
                bars.update(bar, completed=done)

            results[week.folder] = run_week(
                course, lesson, work, workers=workers, timeout=timeout, progress=advance
            )
    return results


def _print_week(folder: str, results: "list[ExerciseResult]", verbose: bool) -> None:
    """Print the table of a week, and below it what survived and what else is to be said."""
    from rich.table import Table

    out = Console(highlight=False, soft_wrap=True)
    sampled = any(result.known_survivors is not None for result in results)
    title = folder + (" (unchanged since the record: a sample)" if sampled else "")
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("exercise", no_wrap=True)
    for heading in COLUMNS:
        longest_word = max(len(word) for word in heading.split())
        table.add_column(heading, justify="right", min_width=longest_word)
    for result in results:
        accepted = sum(each.accepted for each in result.alternatives)
        table.add_row(
            result.name,
            str(result.planted),
            str(result.caught),
            f"{result.rate:.1%}",
            str(len(result.by_hand)),
            str(len(result.only_hidden)),
            f"{accepted}/{len(result.alternatives)}",
        )
    out.print(table, "", soft_wrap=False)
    for result in results:
        for survivor in result.survivors:
            out.print(f"{result.name}: survives", style="bold", markup=False)
            out.print(survivor.mutant.diff + "\n", markup=False)
        for each in result.mutants if verbose else ():
            if each.caught:
                first = (each.message.splitlines() or [""])[0]
                what = f"{result.name}, line {each.mutant.line}, {each.mutant.operator}: {first}"
                out.print(what, markup=False)
        for note in result.notes:
            out.print(f"{result.name}: note: {note}", style="yellow", markup=False)
        for finding in result.findings:
            out.print(f"{result.name}: {finding}", style="bold red", markup=False)


def _console() -> Console:
    """Where progress and remarks go: standard error, so that --json stays clean."""
    return Console(stderr=True, highlight=False)
