"""Runs a week's mutants and other right answers in a process of their own, and collects results."""

import ast
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from autograder.course import Course, Week
from autograder.database import without_secrets
from autograder.errors import CourseError
from autograder.lesson import Exercise, Lesson, read_lesson
from autograder.mutation.generate import Mutant, generic_mutants
from autograder.mutation.planted import (
    Alternative,
    CannotPlantError,
    alternatives_folder,
    mistakes_path,
    plant,
    read_alternatives,
    read_planted,
)
from autograder.mutation.results import AlternativeResult, ExerciseResult, MutantResult

WARM_UP_SECONDS = 180.0
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass
class Work:
    """What is to be run for one exercise.

    Args:
        exercise: the exercise.
        mutants: mistakes to plant, without the equivalent ones.
        alternatives: other right answers.
        result: where the outcome is collected.
    """

    exercise: Exercise
    mutants: list[Mutant]
    alternatives: list[Alternative]
    result: ExerciseResult
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def wrong(self) -> dict[str, Mutant]:
        """The mutants, by an id that is unique in the week."""
        return {f"{self.exercise.name}/m{n}": each for n, each in enumerate(self.mutants)}

    @property
    def right(self) -> dict[str, Alternative]:
        """The other right answers, by an id that is unique in the week."""
        return {f"{self.exercise.name}/a{n}": each for n, each in enumerate(self.alternatives)}

    @property
    def variants(self) -> dict[str, str]:
        """The sources of all answers to run, by their ids."""
        return {key: each.source for key, each in (self.wrong | self.right).items()}

    def collect(self) -> ExerciseResult:
        """Turn the outcomes into results."""
        for key, mutant in self.wrong.items():
            said = self.outcomes[key]
            self.result.mutants.append(
                MutantResult(mutant, said["caught"], said["visible"], said["message"])
            )
        for key, alternative in self.right.items():
            said = self.outcomes[key]
            message = f"{said['test']}: {said['message']}" if said["test"] else said["message"]
            self.result.alternatives.append(
                AlternativeResult(alternative.label, not said["caught"], message)
            )
        return self.result


def prepare(course: Course, week: Week, exercise: str | None = None) -> tuple[Lesson, list[Work]]:
    """Read a week and make its mutants.

    Args:
        course: the course.
        week: the week.
        exercise: only this one; None for all.

    Returns:
        The lesson, and the work for each exercise in its order. Mistakes that cannot be planted and
        equivalents that match nothing are already noted in the results.

    Raises:
        CourseError: the source or one of the hand-written files cannot be read.
    """
    lesson = read_lesson(week.source(course), week)
    path = mistakes_path(course, week)
    planted = read_planted(path)
    alternatives = read_alternatives(alternatives_folder(course, week), lesson)
    names = {each.name for each in lesson.exercises}
    used_names = [entry.exercise for entry in planted.mistake + planted.equivalent]
    for name in used_names:
        if name not in names:
            raise CourseError(
                f"{path}: {week.folder} has no exercise {name!r}",
                f"Exercises: {', '.join(sorted(names)) or 'none'}.",
            )
    chosen = lesson.exercises if exercise is None else (lesson.exercise(exercise),)
    work = []
    for each in chosen:
        result = ExerciseResult(each.name)
        by_hand: list[Mutant] = []
        for mistake in planted.mistake:
            if mistake.exercise == each.name:
                try:
                    by_hand.append(plant(mistake, each))
                except CannotPlantError as error:
                    result.problems.append(f"“{mistake.name}” cannot be planted: {error}")
        written = {mutant.source for mutant in by_hand}
        mutants = []
        equivalents = [entry for entry in planted.equivalent if entry.exercise == each.name]
        used: set[int] = set()
        for mutant in generic_mutants(each.answer.source):
            matching = [n for n, entry in enumerate(equivalents) if entry.matches(mutant)]
            used.update(matching)
            if matching:
                result.equivalent += 1
            elif mutant.source not in written:
                mutants.append(mutant)
        for number, entry in enumerate(equivalents):
            if number not in used:
                result.problems.append(
                    f"stale [[equivalent]]: no mutant turns `{entry.find}` into `{entry.replace}`"
                )
        own = [one for one in alternatives if one.exercise == each.name]
        work.append(Work(each, [*by_hand, *mutants], own, result))
    return lesson, work


def sample(work: list[Work], share: float, seed: int) -> None:
    """Leave only a random part of each exercise's mutants, at least one.

    Args:
        work: what is to be run; changed.
        share: which part.
        seed: of the choice.
    """
    chooser = random.Random(seed)
    for each in work:
        if each.mutants:
            count = max(1, round(share * len(each.mutants)))
            chosen = set(chooser.sample(range(len(each.mutants)), count))
            each.mutants = [one for place, one in enumerate(each.mutants) if place in chosen]


def run_week(
    course: Course,
    lesson: Lesson,
    work: list[Work],
    *,
    workers: int = 2,
    timeout: float = 10.0,
    progress: Callable[[int], None] = lambda done: None,
) -> list[ExerciseResult]:
    """Run all that was prepared.

    Args:
        course: the course; its limit on memory holds for every child.
        lesson: the week's lesson.
        work: from `prepare`.
        workers: how many children run at a time.
        timeout: seconds by the clock that one child has.
        progress: called with the number of variants that are done.

    Returns:
        One result an exercise.

    Raises:
        CourseError: the solution itself fails its tests, or the process broke down.
    """
    by_name = {each.exercise.name: each for each in work}
    plan = make_plan(lesson, work, workers, timeout, course.limits.memory_mb)
    done = 0
    for event in _events(plan, str(course.root), lesson):
        kind = event.pop("event")
        if kind == "broken":
            raise CourseError(
                f"{lesson.path}: the solution does not run: {event['message']}",
                f"`course build {lesson.week}` names the cell.",
            )
        if kind == "baseline" and event["caught"]:
            where = event["test"] or event["exercise"]
            raise CourseError(
                f"{lesson.path}: the solution fails its own test, {where}: {event['message']}",
                "Mend the solution or the test; until then mutants say nothing.",
            )
        if kind == "outcome":
            by_name[event["exercise"]].outcomes[event["id"]] = event
            done += 1
            progress(done)
    return [each.collect() for each in work]


def make_plan(
    lesson: Lesson, work: list[Work], workers: int, timeout: float, memory_mb: int
) -> dict[str, Any]:
    """Write down, as plain data, all that the other process needs."""
    variants = []
    for each in work:
        for identity, source in each.variants.items():
            try:
                ast.parse(source)
            except SyntaxError as error:
                message = f"SyntaxError: {error.msg}, line {error.lineno}"
                each.outcomes[identity] = _refused(message)
                continue
            variants.append(
                {
                    "id": identity,
                    "exercise": each.exercise.name,
                    "source": source,
                    "patient": identity in each.right,
                }
            )
    return {
        "workers": workers,
        "timeout": timeout,
        "memory": memory_mb * 1024 * 1024,
        "cells": [
            {"label": cell.label, "source": cell.source}
            for cell in lesson.of_role("given", "answer")
        ],
        "wanted": [each.exercise.name for each in work],
        "exercises": {
            each.exercise.name: {
                "label": each.exercise.answer.label,
                # printed like a mutant, so that what fails a mutant is its mistake and nothing else
                "solution": ast.unparse(ast.parse(each.exercise.answer.source)),
                "tests": [
                    {"label": cell.label, "name": cell.grade_id, "source": cell.source}
                    for cell in each.exercise.tests
                ],
            }
            for each in work
        },
        "variants": variants,
    }


def _refused(message: str) -> dict[str, Any]:
    """Describe an answer that is not even Python."""
    return {"caught": True, "visible": True, "test": "", "message": message}


def _events(plan: dict[str, Any], root: str, lesson: Lesson) -> Iterator[dict[str, Any]]:
    """Start the process, hand it the plan, yield what it says; raise where it says too little."""
    last = ""
    with (
        tempfile.TemporaryDirectory(prefix="course-mutate-") as scratch,
        _process(scratch, root) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        clock = threading.Timer(WARM_UP_SECONDS, process.kill)
        clock.start()
        try:
            with suppress(BrokenPipeError):  # it ended at once: said below, when nothing comes back
                process.stdin.write(json.dumps(plan).encode())
                process.stdin.close()
            for line in process.stdout:
                event = json.loads(line)
                last = event["event"]
                clock.cancel()
                yield event
        finally:
            clock.cancel()
    if last != "done":
        raise CourseError(
            f"{lesson.path}: the process that runs the mutants ended before its work was done",
            "Run the notebook's tests alone: they may hang, crash or end the interpreter.",
        )


@contextmanager
def _process(scratch: str, root: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the process of a week; end it, whatever happens."""
    environment = without_secrets(os.environ) | dict.fromkeys(ONE_THREAD, "1")
    environment |= {
        "MPLBACKEND": "Agg",
        "PYTHONHASHSEED": "0",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.mutation.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=scratch,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
