"""Run the visible checks of a notebook: `python -m helpers.check NOTEBOOK`.

Every cell but the demonstrations runs in IPython's shell, as in Jupyter; then a table says which
checks pass and what they are worth. Hidden checks and questions graded by hand are not in it.
"""

import argparse
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from helpers.notebook_run import (
    SECONDS_PER_CELL,
    Outcome,
    Result,
    cell_key,
    cell_label,
    run_notebook,
)
from helpers.notebooks import NotebookError, exercises, read_notebook

LINES_SHOWN = 8
WIDTH = 100


def table(outcome: Outcome) -> str:
    """Write the outcome as a table in plain text.

    Args:
        outcome: what came of a notebook.

    Returns:
        Lines of an exercise, its checks and what they say, then the total.
    """
    lines = [f"{'exercise and checks':<52}{'':<18}{'points':>10}", "-" * 80]
    for result in outcome.problems:
        lines += [f"{cell_label(result.cell)} stopped:", *_indented(result.message)]
    listed: set[str] = set()
    for exercise in exercises(outcome.notebook):
        keys = [cell_key(test) for test in exercise.tests]
        if keys:
            lines += _group(exercise.name, [outcome.tests[key] for key in keys])
            listed |= set(keys)
    others = [result for name, result in outcome.tests.items() if name not in listed]
    if others:
        lines += _group("other checks", others)
    reached = sum(result.points for result in outcome.tests.values())
    possible = sum(result.cell.points for result in outcome.tests.values())
    lines += ["-" * 80, _row("total by visible checks", "", reached, possible)]
    written = [cell for cell in outcome.notebook.cells if cell.role == "written"]
    by_hand = sum(cell.points for cell in written)
    lines.append("Hidden checks are not in this; they only vary the inputs.")
    if written:
        count = "is 1 question" if len(written) == 1 else f"are {len(written)} questions"
        lines.append(f"Nor {count} graded by hand ({by_hand:g} points).")
    return "\n".join(lines)


def _group(name: str, results: list[Result]) -> list[str]:
    possible = sum(result.cell.points for result in results)
    lines = [_row(name, "", sum(result.points for result in results), possible)]
    for result in results:
        state = result.state if result.state == "passed" else result.state.upper()
        lines.append(_row(f"  {cell_key(result.cell)}", state, result.points, result.cell.points))
        if result.state == "failed":
            lines += _indented(result.message)
    return lines


def _row(name: str, state: str, reached: float, possible: float) -> str:
    return f"{name:<52}{state:<18}{f'{reached:g} of {possible:g}':>10}"


def _indented(message: str) -> list[str]:
    lines = message.split("\n")
    shown = [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in lines]
    more = ["…"] if len(lines) > LINES_SHOWN else []
    return ["      " + line for line in shown[:LINES_SHOWN] + more]


def facts(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain data, for `--json`.

    Args:
        outcome: what came of a notebook.

    Returns:
        The checks with state, points and message, and the cells that stopped.
    """
    return {
        "checks": [
            {
                "grade_id": name,
                "state": result.state,
                "points": result.points,
                "possible": result.cell.points,
                "message": result.message,
            }
            for name, result in outcome.tests.items()
        ],
        "stopped": [
            {"cell": result.cell.index + 1, "message": result.message}
            for result in outcome.problems
        ],
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: those of the command line; None takes the process's own.

    Returns:
        0 if every check passes, 1 if not, 2 for a file that is no notebook with checks, 130 after
        an interruption.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.check",
        description="Run the visible checks of a notebook and print the points they are worth.",
    )
    parser.add_argument("notebook", help="the notebook, such as perceptron.ipynb")
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS_PER_CELL, help="time limit of a cell (20)"
    )
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

    terminal = sys.stdout

    def report(outcome: Outcome) -> None:
        text = json.dumps(facts(outcome), indent=2) if options.json else table(outcome)
        try:
            print(text, file=terminal, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), terminal.fileno())

    def give_up(outcome: Outcome) -> None:
        report(outcome)
        os._exit(1)

    try:
        notebook = read_notebook(options.notebook)
        if not any(cell.role == "test" for cell in notebook.cells):
            raise NotebookError(
                f"{Path(options.notebook).name} has no checks in it.",
                "Give a notebook of the course.",
            )
        folder = Path(options.notebook).resolve().parent
        outcome = run_notebook(notebook, folder, seconds=options.seconds, give_up=give_up)
    except NotebookError as error:
        print(f"{error.message}\n{error.cure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; nothing was changed.", file=sys.stderr)
        return 130
    report(outcome)
    return 0 if outcome.passed else 1


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
