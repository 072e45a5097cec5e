"""`course challenge`: the pictures of the challenge, on disk."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograder.challenge.commands import register
from autograder.errors import CourseError

if TYPE_CHECKING:
    from helpers.challenge.shard_making import Plan, Source

FOLDER = "challenge-data"
ORIGINALS = "originals"  # in it: what --download fetched
PICTURES_A_SECOND = 2000  # about, on one core at 64 × 64: for the estimate that is printed

challenge = typer.Typer(
    help="Large-scale image classification: the challenge's pictures.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
challenge.callback()(lambda: None)


@challenge.command()
def data(
    name: Annotated[
        str,
        typer.Argument(
            metavar="SET",
            help="small, medium or large (flora); fashion-mnist; cifar10, cifar100, imagenette, "
            "imagenet or folder (pictures of your own in train/CLASS/ and test/CLASS/).",
        ),
    ] = "small",
    folder: Annotated[
        Path | None, typer.Option("--folder", help=f"Where to; else {FOLDER}/SET in the course.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help=f"Where real pictures lie, as torchvision has them; else {FOLDER}/{ORIGINALS}.",
        ),
    ] = None,
    size: Annotated[
        int | None, typer.Option("--size", min=8, max=1024, help="Side of a picture in pixels.")
    ] = None,
    classes: Annotated[
        int | None, typer.Option("--classes", min=2, help="Flora: another number of classes.")
    ] = None,
    per_class: Annotated[
        int | None, typer.Option("--per-class", min=1, help="Flora: training pictures of each.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="Processes that make pictures.")
    ] = 2,
    shard_mb: Annotated[
        float, typer.Option("--shard-mb", min=0.01, help="Megabytes of pictures in one shard.")
    ] = 50.0,
    download: Annotated[
        bool, typer.Option("--download", help="Let torchvision fetch what is not there (internet).")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is there and what is needed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The facts as JSON.")] = False,
) -> None:
    """Make a set of pictures on disk, in shards that are read through memory maps.

    May be stopped at any time: run again, it checks what is there and makes what is missing.
    """
    from helpers.challenge.errors import ChallengeError
    from helpers.challenge.shard_making import make_shards, plan_shards

    console = Console(stderr=True, highlight=False)
    began = time.monotonic()
    shard_bytes = round(1e6 * shard_mb)
    try:
        sources, full_name = _sources(name, source, size, classes, per_class, download)
        folder = folder or _course_folder() / full_name
        with _bar(console, "checking", None) as advance:
            plan = plan_shards(sources, folder, shard_bytes=shard_bytes, progress=advance)
        _say_need(console, name, folder, plan, sources, workers)
        if plan.missing and not dry_run:
            with _alone(folder), _bar(console, "making", len(plan.missing)) as advance:
                make_shards(
                    sources,
                    folder,
                    shard_bytes=shard_bytes,
                    workers=workers,
                    plan=plan,
                    progress=advance,
                )
    except ChallengeError as error:
        raise CourseError(error.message, error.cure) from None
    if as_json:
        _print_facts(folder, plan, dry_run, time.monotonic() - began)
    elif not dry_run:
        made = len(plan.missing)
        console.print(
            f"{folder} is complete: {made} shards made, {plan.shards - made} were there.",
            markup=False,
            soft_wrap=True,
        )


def _sources(
    name: str,
    source: Path | None,
    size: int | None,
    classes: int | None,
    per_class: int | None,
    download: bool,
) -> "tuple[dict[str, Source], str]":
    """Find what a set's name stands for; give its splits, and a name for its folder."""
    from dataclasses import replace

    from helpers.challenge.real import PRESETS, real_sources
    from helpers.challenge.tiers import TIERS, tier_sources

    if name in PRESETS:
        if classes or per_class:
            raise CourseError(
                f"{name} has the classes that it has", "Leave out --classes and --per-class."
            )
        source = source or _course_folder() / ORIGINALS
        real = real_sources(name, source, size=size, download=download)
        return dict(real), name if size is None else f"{name}-{size}"
    if name not in TIERS:
        raise CourseError(
            f"no set is called {name!r}", f"There are {', '.join([*TIERS, *PRESETS])}."
        )
    if source or download:
        raise CourseError(f"{name} is drawn, not read", "Leave out --from and --download.")
    tier = TIERS[name]
    tier = replace(
        tier,
        classes=classes or tier.classes,
        per_class=per_class or tier.per_class,
        size=size or tier.size,
    )
    full_name = name
    if (tier.classes, tier.per_class) != (TIERS[name].classes, TIERS[name].per_class):
        full_name += f"-{tier.classes}x{tier.per_class}"
    if tier.size != TIERS[name].size:
        full_name += f"-{tier.size}"
    return dict(tier_sources(tier)), full_name


def _course_folder() -> Path:
    from autograder.course import load_course

    return load_course().root / FOLDER


def _say_need(
    console: Console,
    name: str,
    folder: Path,
    plan: "Plan",
    sources: "dict[str, Source]",
    workers: int,
) -> None:
    """Say, before anything is made, what the set takes and what is there."""
    from helpers.challenge.shard_making import in_words

    size = next(iter(sources.values())).shape[1]
    lines = [
        f"{name}: {plan.pictures:,} pictures of {size} × {size} in {plan.shards} shards, "
        f"{in_words(plan.needed)}, in {folder}"
    ]
    lines += [f"{file} is not as it was written; it is made again" for file in plan.damaged]
    if plan.missing:
        there = plan.shards - len(plan.missing)
        kept = f"{there} shards are there; " if there else ""
        left = plan.pictures * len(plan.missing) / plan.shards * (size / 64) ** 2
        minutes = left / PICTURES_A_SECOND / workers / 60
        about = f"; about {max(1, round(minutes))} min" if minutes > 0.5 else ""
        lines.append(
            f"{kept}{in_words(plan.missing_bytes)} to make, {in_words(plan.free)} is free{about}"
        )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder; the kernel lets go of it when the process ends, however it ends."""
    was_there = folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CourseError(
            f"{folder}: another `course challenge data` is at work there",
            "Wait for its end, or end it; then run this one again.",
        ) from None
    finally:
        os.close(descriptor)
        if not was_there:
            with contextlib.suppress(OSError):  # it holds something now
                folder.rmdir()


@contextmanager
def _bar(console: Console, what: str, total: int | None) -> Iterator[Any]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("shards"),
    )
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(
        *columns, *times, console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done: bars.update(task, completed=done)


def _print_facts(folder: Path, plan: "Plan", dry_run: bool, seconds: float) -> None:
    import json

    facts = {
        "folder": str(folder),
        "pictures": plan.pictures,
        "shards": plan.shards,
        "bytes": plan.needed,
        "made": 0 if dry_run else len(plan.missing),
        "missing": len(plan.missing) if dry_run else 0,
        "damaged": list(plan.damaged),
        "free": plan.free,
        "seconds": round(seconds, 1),
    }
    typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))


register(challenge)
