"""What nbgrader's scores of a notebook are, quickly: all cells in one namespace, in a fork.

The reference engine starts a kernel for each submission; here a fork of a process with the week's
modules does the same in a tenth of a second. `test_equality.py` compares both on some submissions.
"""

import ast
import io
import json
import linecache
import os
import select
import signal
import sys
import types
from contextlib import redirect_stderr, redirect_stdout

from autograder.engines.judge.judging import Cell, partial_credit, run_trusted

REPLAYS = 3


def plain_scores(cells: list[dict], seconds: float) -> dict[str, float]:
    """Run a notebook's code cells in one namespace and score its tests as nbgrader does.

    Args:
        cells: as in `make_job`, demonstrations left out.
        seconds: the limit of a cell; what takes longer scores 0, and the next go on without it.

    Returns:
        Points by grade_id.
    """
    left_out: set[int] = set()
    scores: dict[str, float] = {}
    for _ in range(REPLAYS + 1):
        stuck = _run(cells, seconds, left_out, scores)
        if stuck is None:
            break
        left_out.add(stuck)
        scores.update({c["grade_id"]: 0.0 for c in cells if c["index"] == stuck and _is_test(c)})
    return {c["grade_id"]: scores.get(c["grade_id"], 0.0) for c in cells if _is_test(c)}


def _is_test(cell: dict) -> bool:
    return cell["role"] == "test"


def _run(cells: list[dict], seconds: float, left_out: set[int], scores: dict) -> int | None:
    """Run in a fork; gives the cell that did not end, if there is one."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            _child(cells, left_out, set(scores), writing)
        finally:
            os._exit(0)
    os.close(writing)
    said, running = b"", None
    try:
        while select.select([reading], [], [], seconds)[0]:
            piece = os.read(reading, 65536)
            if not piece:
                return None if said.endswith(b"end\n") else running
            said += piece
            lines = said.split(b"\n")
            for line in lines[:-1]:
                if line[:1] == b"{":
                    scores.update(json.loads(line))
                elif line != b"end":
                    running = int(line)
            if b"end" in lines:
                return None
        return running
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reading)


def _child(cells: list[dict], left_out: set[int], scored: set[str], pipe: int) -> None:
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    for plain in cells:
        cell = Cell(**{**plain, "tags": frozenset(plain["tags"])})
        if cell.index in left_out or cell.grade_id in scored or "demo" in cell.tags:
            continue
        os.write(pipe, f"{cell.index}\n".encode())
        sink = io.StringIO()
        try:
            with redirect_stdout(sink), redirect_stderr(sink):
                value = run_trusted(f"<cell {cell.index}>", cell.source, module.__dict__)
            points = partial_credit(value, cell)
        except BaseException:
            points = 0.0
        if cell.role == "test":
            os.write(pipe, json.dumps({cell.grade_id: points}).encode() + b"\n")
    os.write(pipe, b"end\n")


def warm_up(cells: list[dict]) -> None:
    """Import here what the cells import, so that each fork has it."""
    for cell in cells:
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.Import | ast.ImportFrom):
                exec(compile(ast.Module([node], []), "<imports>", "exec"), {})
    linecache.clearcache()
