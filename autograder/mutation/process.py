"""The process in which a week's mutants run: imports once, forks for each mutant, kills what hangs.

Started by `autograder.mutation.run` as `python -m autograder.mutation.process`; reads a plan (JSON)
from standard input and writes one JSON line for each finished variant to standard output. It loads
nothing but the standard library itself, so that the lesson's own imports decide what it holds.
"""

import ast
import ctypes
import gc
import json
import linecache
import os
import resource
import select
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
MESSAGE_LIMIT = 2000
PR_SET_PDEATHSIG = 1
BASELINE_SECONDS = 60.0

Namespace = dict[str, Any]


@dataclass
class Running:
    """A forked child: what it runs, its id, the pipe from it, its deadline, what it said so far."""

    variant: dict[str, Any]
    pid: int
    pipe: int
    deadline: float
    said: bytes = b""


def run_cell(label: str, source: str, namespace: Namespace) -> None:
    """Run a cell in a namespace, under a file name by which `inspect` finds its source."""
    for part in compile_parts(label, source):
        exec(part[1], namespace)


@cache
def compile_parts(label: str, source: str) -> list[tuple[bool, types.CodeType]]:
    """Compile a cell, its visible and its hidden statements apart.

    Args:
        label: the name under which tracebacks and `inspect` know the cell.
        source: its text.

    Returns:
        Pairs (hidden, code) in the order of the text; runs of the same kind are together.
    """
    name = f"<{label}>"
    lines = source.splitlines(keepends=True)
    linecache.cache[name] = (len(source), None, lines, name)
    hidden_lines: set[int] = set()
    inside = False
    for number, line in enumerate(lines, start=1):
        inside = inside or line.strip().startswith(BEGIN_HIDDEN)
        if inside:
            hidden_lines.add(number)
        inside = inside and not line.strip().startswith(END_HIDDEN)
    groups: list[tuple[bool, list[ast.stmt]]] = []
    for statement in ast.parse(source, name).body:
        hidden = statement.lineno in hidden_lines
        if not groups or groups[-1][0] != hidden:
            groups.append((hidden, []))
        groups[-1][1].append(statement)
    return [
        (hidden, compile(ast.Module(body, []), name, "exec", dont_inherit=True))
        for hidden, body in groups
    ]


def fresh_namespace(plan: dict[str, Any]) -> Namespace:
    """Run all given and answer cells in a new `__main__` module.

    Args:
        plan: what `run` sent.

    Returns:
        The module's namespace.
    """
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    for cell in plan["cells"]:
        run_cell(cell["label"], cell["source"], module.__dict__)
    return module.__dict__


def examine(
    plan: dict[str, Any],
    variant: dict[str, Any],
    namespace: Namespace,
    stage: Callable[[bytes], object] = bytes,
) -> dict[str, Any]:
    """Put a variant's answer into the namespace and run its exercise's tests.

    Args:
        plan: what `run` sent.
        variant: the variant; `source` None stands for the solution as it is.
        namespace: the solved lesson; it is changed.
        stage: told b"v" before visible statements, b"h" before hidden ones.

    Returns:
        caught, by a visible check or not, the first failing test and its message.
    """
    exercise = plan["exercises"][variant["exercise"]]
    outcome: dict[str, Any] = {"caught": False, "visible": False, "test": "", "message": ""}
    if variant["source"] is not None:
        stage(b"v")
        namespace.pop(variant["exercise"], None)
        failure = _failure(lambda: run_cell(exercise["label"], variant["source"], namespace))
        if failure:
            return {"caught": True, "visible": True, "test": "", "message": failure}
    for test in exercise["tests"]:
        for hidden, code in compile_parts(test["label"], test["source"]):
            stage(b"h" if hidden else b"v")
            failure = _failure(partial(exec, code, namespace))
            if failure:
                if not outcome["caught"]:
                    outcome |= {"caught": True, "test": test["label"], "message": failure}
                if not hidden:
                    outcome["visible"] = True
                    return outcome
                break
    return outcome


def main() -> None:
    """Read the plan, warm up, run all variants, say how each one fared."""
    plan = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    _swallow_output()
    kept = sys.modules[
        "__main__"
    ]  # our own functions live in it; the lesson's module takes its name
    libc = ctypes.CDLL(None)

    def say(**facts: Any) -> None:
        answers.write(json.dumps(facts) + "\n")
        answers.flush()

    failure = _failure(lambda: _warm_up(plan))
    if failure:
        say(event="broken", message=failure)
        return
    namespace = fresh_namespace(plan)
    gc.collect()
    gc.freeze()
    say(event="ready")
    seconds: dict[str, float] = {}
    broken = False
    baselines = [
        {"exercise": name, "source": plan["exercises"][name]["solution"], "id": name}
        for name in plan["wanted"]
    ]
    for baseline in _run_all(plan, baselines, namespace, libc, {}):
        seconds[baseline["id"]] = baseline["cpu"]
        say(event="baseline", **baseline)
        broken = broken or baseline["caught"]
    if broken:
        return
    for outcome in _run_all(plan, plan["variants"], namespace, libc, seconds):
        say(event="outcome", **outcome)
    say(event="done")
    del kept


def _warm_up(plan: dict[str, Any]) -> None:
    """Run everything once, so that what is imported on the way is there before the forks."""
    namespace = fresh_namespace(plan)
    for name in plan["wanted"]:
        examine(plan, {"exercise": name, "source": None}, namespace)


def _run_all(
    plan: dict[str, Any],
    variants: list[dict[str, Any]],
    namespace: Namespace,
    libc: Any,
    seconds: dict[str, float],
) -> Iterator[dict[str, Any]]:
    """Run variants, some at a time, and yield each one's outcome as it ends."""
    waiting = list(reversed(variants))
    running: dict[int, Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < plan["workers"]:
                variant = waiting.pop()
                child = _start(plan, variant, namespace, libc, seconds.get(variant["exercise"]))
                running[child.pipe] = child
            nearest = min(child.deadline for child in running.values())
            patience = max(0.0, nearest - time.monotonic())
            readable, _, _ = select.select(list(running), [], [], patience)
            now = time.monotonic()
            for child in list(running.values()):
                ended = child.pipe in readable and _has_ended(child)
                if ended or now >= child.deadline:
                    del running[child.pipe]
                    yield _outcome(child, timed_out=not ended)
    finally:
        for child in running.values():
            _end(child)


def _start(
    plan: dict[str, Any],
    variant: dict[str, Any],
    namespace: Namespace,
    libc: Any,
    usual: float | None,
) -> Running:
    """Fork a child for a variant.

    A child has `timeout` seconds by the clock. Of processor time a mutant has ten times what the
    solution needs, at least one second, so that an endless loop ends soon, also on a busy machine;
    a right answer may be slow.
    """
    timeout = plan["timeout"] if usual is not None else BASELINE_SECONDS
    patient = usual is None or variant["patient"]
    processor = timeout if patient else min(timeout, max(1.0, 10 * (usual or 0.0)))
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Running(variant, pid, reading, time.monotonic() + timeout)
    try:
        os.setsid()
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (plan["memory"], plan["memory"]))
        signal.setitimer(signal.ITIMER_PROF, processor)
        outcome = examine(plan, variant, namespace, partial(os.write, writing))
        outcome["cpu"] = time.process_time()
        os.write(writing, json.dumps(outcome).encode() + b"\n")
    finally:
        os._exit(0)


def _has_ended(child: Running) -> bool:
    """Read what a child said; True when it has said all or is gone."""
    piece = os.read(child.pipe, 65536)
    child.said += piece
    return not piece or child.said.endswith(b"\n")


def _outcome(child: Running, *, timed_out: bool) -> dict[str, Any]:
    """Bury a child and say how its variant fared; one that did not answer counts as caught."""
    status = _end(child)
    identity = {"id": child.variant["id"], "exercise": child.variant["exercise"]}
    if child.said.endswith(b"\n"):
        return json.loads(child.said.lstrip(b"vh")) | identity
    by_clock = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF
    how = "crashed" if not (timed_out or by_clock) else "took too long"
    message = f"the process {how}"
    visible = not child.said.endswith(b"h")
    return identity | {
        "caught": True, "visible": visible, "test": "", "message": message, "cpu": 0.0,
    }  # fmt: skip


def _end(child: Running) -> int:
    """Kill a child with all that it started, and give its exit status."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    os.close(child.pipe)
    return os.waitpid(child.pid, 0)[1]


def _failure(action: Callable[[], object]) -> str:
    """Do something and give the message of what it raised, or '' where it raised nothing."""
    try:
        action()
    except BaseException as error:
        try:
            text = str(error)
        except Exception:
            text = "(its message cannot be read)"
        return f"{type(error).__name__}: {text}"[:MESSAGE_LIMIT]
    return ""


def _swallow_output() -> None:
    """Send standard output and error to nowhere, for this process and its children."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


if __name__ == "__main__":
    main()
