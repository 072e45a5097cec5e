"""`course doctor`: what this machine lacks, and the cure."""

from typing import Annotated

import typer


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at versions, walls, disk, memory, browser and GPU; each with what to do about it.

    Leaves with 1 if something is missing that the course needs.
    """
    import dataclasses
    import json

    from autograder.doctor import examine

    findings = examine()
    if as_json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=1))
    else:
        _print(findings)
    if any(finding.level == "missing" for finding in findings):
        raise typer.Exit(1)


def _print(findings: list) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    looks = {"fine": ("✓", "green"), "note": ("!", "yellow"), "missing": ("✗", "bold red")}
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark, style = looks[finding.level]
        table.add_row(Text(mark, style), Text(finding.name), Text(finding.says))
        if finding.cure:
            table.add_row("", "", Text(f"→ {finding.cure}", "italic"))
    console = Console(highlight=False)
    console.print(table)
    missing = sum(finding.level == "missing" for finding in findings)
    notes = sum(finding.level == "note" for finding in findings)
    if missing:
        console.print(f"{missing} missing, {notes} to note.", style="bold red")
    else:
        console.print(f"All that is needed is here ({notes} to note)." if notes else "All is well.")
