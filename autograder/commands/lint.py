"""`course lint`: the contract of a lesson."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console


def lint(
    weeks: Annotated[
        list[str] | None, typer.Argument(help="Weeks; all where none is given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as JSON.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules and end.")] = False,
) -> None:
    """Hold lessons against the contract of a lesson; each finding with file, cell and cure.

    Exit code 1 where there is a finding.
    """
    import json

    from autograder.lint import all_rules, lint_week

    console = Console(highlight=False)
    if rules:
        known = {rule.id: rule.meaning for rule in all_rules()}
        if as_json:
            typer.echo(json.dumps(known, indent=2))
        else:
            for name, meaning in known.items():
                console.print(f"[bold]{name}[/]  {meaning}", soft_wrap=True)
        return
    from autograder.course import load_course

    course = load_course()
    chosen = course.select(weeks or [])
    findings = {week.folder: lint_week(course, week) for week in chosen}
    total = sum(len(found) for found in findings.values())
    if as_json:
        facts = {week: [asdict(f) for f in found] for week, found in findings.items()}
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        for found in (f for week in findings.values() for f in week):
            place = f"{found.file}:{found.line}" if found.line else found.file
            cell = f", {found.cell}" if found.cell else ""
            console.print(f"{place}{cell}: {found.what}", markup=False, soft_wrap=True)
            console.print(f"    {found.rule}: {found.cure}", markup=False, soft_wrap=True)
        weeks_text = f"{len(chosen)} week{'s' * (len(chosen) != 1)}"
        findings_text = f"{total} finding{'s' * (total != 1)} in {weeks_text}."
        console.print(findings_text if total else f"{weeks_text}: all holds.")
    if total:
        raise typer.Exit(1)
