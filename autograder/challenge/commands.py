"""`course challenge hidden`, `score`, `board`, `baseline` and `demo`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from autograder.challenge.journal import Event
    from autograder.challenge.scoring import HalfScore
    from autograder.challenge.settings import Thresholds
    from autograder.challenge.standing import Standing
    from autograder.course import Course


def register(challenge: typer.Typer) -> None:
    """Add the commands to `course challenge`.

    Args:
        challenge: the group.
    """
    for command in (hidden, score, board, baseline, demo):
        challenge.command()(command)


def hidden(
    again: Annotated[
        bool, typer.Option("--again", help="Put the present set aside and draw another.")
    ] = False,
    give_out: Annotated[
        Path | None,
        typer.Option("--give-out", help="Write the public half's pictures there, for students."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The facts as JSON.")] = False,
) -> None:
    """Draw the hidden test set from a secret seed, or check the one that is there."""
    from autograder.challenge import hidden as sets
    from autograder.course import load_course

    course = load_course()
    there = sets.set_folder(course).exists()
    drawn = again or not there
    found = sets.draw_hidden_set(course, again=again) if drawn else sets.load_hidden_set(course)
    given = str(sets.give_out(course, found, give_out)) if give_out else None
    facts = {
        "name": found.name,
        "folder": str(sets.set_folder(course)),
        "drawn": drawn,
        "drawn_at": found.drawn_at,
        "public": len(found.halves["public"].labels),
        "private": len(found.halves["private"].labels),
        "given_out": given,
    }
    if as_json:
        _print_json(facts)
        return
    did = "Drawn" if drawn else "There already, as it was drawn"
    typer.echo(
        f"{did}: hidden set {found.name}, {facts['public']:,} public and {facts['private']:,} "
        f"private pictures, in {facts['folder']}"
    )
    if given:
        typer.echo(f"For students: {given}, without labels, and its checksum.")


def score(
    file: Annotated[
        Path | None,
        typer.Argument(help="One model.onnx or predictions.npz; else all that was handed in."),
    ] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap (the best wall), or none.")
    ] = "bubblewrap",
    force: Annotated[bool, typer.Option("--force", help="Run scored files again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Score what was handed in on the hidden test set, behind the wall.

    Reads submitted/STUDENT/challenge/model.onnx (or predictions.npz, which has no private score) in
    the course's private folder. Scores, intervals and a confusion picture go to one page a student
    in the private folder; they show the private half, so they are for you. A single FILE is scored
    and not written down. Can be stopped at any time and run again. Leaves with 1 if a submission
    was refused.
    """
    from autograder.challenge import evaluation
    from autograder.challenge.board import write_result
    from autograder.course import load_course
    from autograder.errors import CourseError

    if sandbox not in ("bubblewrap", "none"):
        raise CourseError(f"There is no sandbox {sandbox!r}.", "Choose bubblewrap or none.")
    if file and student:
        raise CourseError("A file and --student do not go together.", "Leave out one of them.")
    course = load_course()
    if file:
        events = [evaluation.score_file(course, file, sandbox=sandbox)]  # type: ignore[arg-type]
    else:
        with _bar() as (show, _):
            events = evaluation.score_class(
                course,
                sandbox=sandbox,  # type: ignore[arg-type]
                students=student,
                force=force,
                progress=show,
            )
        for event in events:
            write_result(course, event)
    marks = course.challenge.thresholds
    if as_json:
        _print_json([_event_facts(event, marks) for event in events])
    else:
        _print_scores(events, marks)
    if any(event.problem for event in events):
        raise typer.Exit(1)


def board(
    final: Annotated[
        bool, typer.Option("--final", help="Show the private half and the marks: at the end only.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Say who has which pseudonym, here only.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Write the board: one HTML page, a row a student, by pseudonym.

    The public score moves only by the step in course.toml (the Ladder), so that many submissions
    cannot fit the public half.
    """
    from autograder.challenge.board import write_board
    from autograder.challenge.hidden import load_hidden_set
    from autograder.challenge.journal import read_journal
    from autograder.challenge.standing import pseudonym_key, standings
    from autograder.course import load_course

    course = load_course()
    events = read_journal(course, load_hidden_set(course).name)
    rows = standings(events, course.challenge, pseudonym_key(course))
    page = write_board(course, rows, final=final)
    if as_json:
        _print_json(
            {"page": str(page), "rows": [_row_facts(r, final=final, names=names) for r in rows]}
        )
    else:
        _print_board(course, rows, final=final, names=names)
        typer.echo(f"The page: {page}")


def baseline(
    recipe: Annotated[
        str, typer.Option(help="linear, plain_cnn, residual, notebook, excellent or another.")
    ] = "plain_cnn",
    seeds: Annotated[int, typer.Option(min=1, help="How many runs.")] = 3,
    pictures: Annotated[
        int | None, typer.Option(min=1000, help="Pictures seen; else the whole budget.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--json", help="Write the measurements to this file.")
    ] = None,
) -> None:
    """Train one of the measured recipes, on which the thresholds in course.toml rest.

    Runs benchmarks/challenge_baselines.py: minutes a seed on two cores. It measures on pictures of
    its own, never on the hidden set.
    """
    import subprocess
    import sys

    from autograder.course import load_course
    from autograder.errors import CourseError

    root = load_course().root
    script = root / "benchmarks" / "challenge_baselines.py"
    if not script.is_file():
        raise CourseError(f"{script} is missing.", "Run this in the course's own repository.")
    line = [sys.executable, str(script), "--recipe", recipe, "--seeds", str(seeds)]
    line += ["--pictures", str(pictures)] if pictures else []
    line += ["--json", str(into.resolve())] if into else []
    raise typer.Exit(subprocess.run(line, cwd=root, check=False).returncode)


def demo(
    target: Annotated[
        Path | None,
        typer.Option(
            "--target",
            help="Folder of the demo; challenge-demo/ in the private folder if not given.",
        ),
    ] = None,
    pictures: Annotated[
        int, typer.Option("--pictures", min=1000, help="How many the network sees in training.")
    ] = 20_000,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap (the best wall), or none.")
    ] = "bubblewrap",
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Make pictures, train for a minute, export, score, and show the board.

    In a folder of its own; the real course is not touched. Among those who hand in are two traps,
    which must be refused. Leaves with 1 if anything does not come out as it should.
    """
    import time

    from rich.console import Console

    from autograder.challenge.demo import run_demo
    from autograder.course import load_course
    from autograder.errors import CourseError

    if sandbox not in ("bubblewrap", "none"):
        raise CourseError(f"There is no sandbox {sandbox!r}.", "Choose bubblewrap or none.")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    began = time.monotonic()
    course = load_course()
    outcome = run_demo(
        course.root,
        target or course.private / "challenge-demo",
        pictures=pictures,
        sandbox=sandbox,  # type: ignore[arg-type]
        say=lambda what, took: console.print(f"{took:5.1f} s  {what}", markup=False),
    )
    marks = outcome.course.challenge.thresholds
    if as_json:
        _print_json(
            {
                "seconds": round(time.monotonic() - began, 1),
                "parts": outcome.seconds,
                "pictures_seen": pictures,
                "board": str(outcome.board),
                "results": {name: str(path) for name, path in outcome.results.items()},
                "scores": [_event_facts(event, marks) for event in outcome.events.values()],
                "differences": outcome.differences,
            }
        )
    else:
        _print_scores(list(outcome.events.values()), marks)
        _print_board(outcome.course, outcome.rows, final=False, names=True)
        typer.echo(f"The board: {outcome.board}")
        typer.echo(f"One page each: {next(iter(outcome.results.values())).parent}")
        typer.echo(f"All of it took {time.monotonic() - began:.0f} s.")
    for difference in outcome.differences:
        console.print(f"Not as it should be: {difference}", markup=False)
    if outcome.differences:
        raise typer.Exit(1)


def _print_json(facts: Any) -> None:
    typer.echo(json.dumps(facts, indent=1, ensure_ascii=False))


def _bar() -> Any:
    """Make a bar that shows how many are done and the time that is left."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    @contextmanager
    def bar() -> Any:
        columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn())
        times = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        console = Console(stderr=True, highlight=False)
        with Progress(*columns, *times, console=console) as progress:
            task = progress.add_task("", total=None)

            def show(done: int, total: int, event: "Event") -> None:
                progress.update(task, completed=done, total=total)

            yield show, progress

    return bar()


def _event_facts(event: "Event", marks: "Thresholds") -> dict[str, Any]:
    facts = event.model_dump()
    facts["mark"] = marks.mark(event.private.accuracy) if event.private else None
    return facts


def _row_facts(row: "Standing", *, final: bool, names: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "pseudonym": row.pseudonym,
        "public": row.shown,
        "since": row.since,
        "submissions": row.submissions,
    }
    if names:
        facts["student"] = row.student
    if final:
        facts["private"] = None if row.private is None else row.private.accuracy
        facts["mark"] = row.mark
    return facts


def _percent(half: "HalfScore | None", *, f1: bool = False) -> str:
    if half is None:
        return "–"
    value, (low, high) = (
        (half.f1, half.f1_interval) if f1 else (half.accuracy, half.accuracy_interval)
    )
    return f"{100 * value:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def _print_scores(events: Sequence["Event"], marks: "Thresholds") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.pages import plain

    console = Console(highlight=False)
    table = Table(title="Right in %, with 95 % intervals", title_justify="left")
    for heading in ("student", "public", "private", "private F1", "mark", "seconds"):
        table.add_column(heading, justify="left" if heading in ("student", "mark") else "right")
    for event in events:
        mark = marks.mark(event.private.accuracy) if event.private else "–"
        table.add_row(
            Text(plain(event.student, 40)),
            _percent(event.public),
            _percent(event.private),
            _percent(event.private, f1=True),
            "refused" if event.problem else mark,
            f"{event.seconds:.1f}",
        )
    console.print(table)
    for event in events:
        if event.problem:
            said = f"{plain(event.student, 40)}: {plain(event.problem)} {plain(event.cure)}"
            console.print(said, markup=False, soft_wrap=True)


def _print_board(course: "Course", rows: Sequence["Standing"], *, final: bool, names: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.pages import plain

    table = Table(title=f"{course.title}: the board", title_justify="left")
    headings = ["participant", "public %", "files", "since"]
    headings += ["private %", "mark"] if final else []
    headings += ["student"] if names else []
    for heading in headings:
        table.add_column(heading, no_wrap=heading == "participant")
    for row in rows:
        cells = [
            row.pseudonym,
            "–" if row.shown is None else f"{100 * row.shown:.4g}",
            str(row.submissions),
            row.since[:10],
        ]
        cells += [_percent(row.private), row.mark] if final else []
        cells += [plain(row.student, 40)] if names else []
        table.add_row(*map(Text, cells))
    Console(highlight=False).print(table)
