"""The committed record of full runs, so that what has not changed need not be run in full again."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.mutation.planted import alternatives_folder, mistakes_path
from autograder.mutation.results import ExerciseResult

SAMPLE_SHARE = 0.1
SAMPLE_SEED = 0


def record_path(course: Course) -> Path:
    """Say where the record lies."""
    return course.root / "tests" / "mutants" / "record.json"


def fingerprint(course: Course, week: Week) -> str:
    """Hash all that decides how a week's mutants fare.

    Args:
        course: the course.
        week: the week.

    Returns:
        SHA-256 over the lesson's source, its mutants and alternatives, `helpers`, the versions in
        `requirements.lock`, and the code that reads lessons and makes and runs mutants.
    """
    total = hashlib.sha256()
    for name, path in _ingredients(course, week):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()


def read_record(course: Course) -> dict[str, Any]:
    """Read what earlier full runs found.

    Args:
        course: the course.

    Returns:
        {folder: {"hash": …, "exercises": {name: {"planted", "caught", "survivors", …}}}}; empty
        where there is no record yet.

    Raises:
        CourseError: the file is not such a record.
    """
    path = record_path(course)
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        for entry in record.values():
            for facts in (entry["hash"], *entry["exercises"].values()):
                facts if isinstance(facts, str) else facts["survivors"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CourseError(
            f"{path} is not a record of `course mutate`",
            "Delete it; `course mutate --record` writes it anew.",
        ) from None
    return record


def write_record(course: Course, results: dict[str, list[ExerciseResult]]) -> list[str]:
    """Put the results of full runs into the record; other weeks stay as they are.

    Args:
        course: the course.
        results: by week.

    Returns:
        Folders of weeks that were not recorded, because they have findings.
    """
    record = read_record(course)
    refused = []
    for folder, found in results.items():
        if any(result.findings for result in found):
            refused.append(folder)
            continue
        record[folder] = {
            "hash": fingerprint(course, course.week(folder)),
            "exercises": {
                result.name: {
                    "planted": result.planted,
                    "caught": result.caught,
                    "by_hand": len(result.by_hand),
                    "alternatives": len(result.alternatives),
                    "survivors": [survivor.mutant.diff for survivor in result.survivors],
                }
                for result in found
            },
        }
    text = json.dumps(dict(sorted(record.items())), indent=2, ensure_ascii=False)
    path = record_path(course)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    return refused


def known_survivors(record: dict[str, Any], folder: str, exercise: str) -> frozenset[str]:
    """Give the differences of the mutants that are known to survive in an exercise."""
    return frozenset(record[folder]["exercises"].get(exercise, {}).get("survivors", ()))


def _ingredients(course: Course, week: Week) -> Iterator[tuple[str, Path]]:
    """List the files that count, with names that do not depend on where the course lies."""
    engine = Path(__file__).parent
    yield "source", week.source(course)
    yield from _below("alternatives", alternatives_folder(course, week))
    yield from _below("helpers", course.root / "helpers")
    yield from _below("engine", engine)
    yield "reader", engine.parent / "lesson.py"
    for path in (mistakes_path(course, week), course.root / "requirements.lock"):
        if path.is_file():
            yield path.suffix, path


def _below(name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """List the Python files of a folder and of the folders in it."""
    for path in sorted(folder.rglob("*.py")):
        yield f"{name}/{path.relative_to(folder).as_posix()}", path
