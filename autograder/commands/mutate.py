"""`course mutate`: do a lesson's tests notice the mistakes that students make?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from autograder.mutation.results import ExerciseResult

CONSOLE = Console(stderr=True, highlight=False)
OUT = Console(highlight=False)


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
    import json

    from autograder.course import load_course
    from autograder.mutation.run import prepare, run_week

    course = load_course()
    results: dict[str, list[ExerciseResult]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    chosen = course.select(weeks or [])
    with Progress(*columns, TimeElapsedColumn(), console=CONSOLE, transient=True) as bars:
        for week in chosen:
            lesson, work = prepare(course, week, exercise)
            bar = bars.add_task(week.folder, total=sum(len(each.variants) for each in work))

            def advance(done: int, bar: Any = bar) -> None:
                bars.update(bar, completed=done)

            results[week.folder] = run_week(
                course, lesson, work, workers=workers, timeout=timeout, progress=advance
            )
    if as_json:
        facts = {
            folder: {result.name: result.facts() for result in found}
            for folder, found in results.items()
        }
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        for folder, found in results.items():
            _print_week(folder, found, verbose)
    if any(result.findings for found in results.values() for result in found):
        raise typer.Exit(1)


def _print_week(folder: str, results: "list[ExerciseResult]", verbose: bool) -> None:
    from rich.table import Table

    table = Table(title=folder, title_justify="left")
    table.add_column("exercise")
    for heading in ("planted", "caught", "rate", "by hand", "hidden only", "other ways"):
        table.add_column(heading, justify="right")
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
    OUT.print(table)
    for result in results:
        for survivor in result.survivors:
            OUT.print(f"{folder} {result.name}: survives", style="bold", markup=False)
            OUT.print(survivor.mutant.diff, markup=False, soft_wrap=True)
            OUT.print()
        if verbose:
            for each in result.mutants:
                if each.caught:
                    first = (each.message.splitlines() or [""])[0]
                    what = f"{result.name}: caught {each.mutant.operator}: {first}"
                    OUT.print(what, markup=False, soft_wrap=True)
        for each in result.only_hidden:
            what = f"“{each.mutant.operator}” is caught by a hidden test only"
            OUT.print(f"note: {result.name}: {what}", style="yellow", markup=False, soft_wrap=True)
        for finding in result.findings:
            OUT.print(f"{result.name}: {finding}", style="bold red", markup=False, soft_wrap=True)
