"""Scores what was handed in: each file once, behind the wall, into the journal."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from autograder.challenge.confined import Sealed, read_confined_predictions, run_model, sealed
from autograder.challenge.errors import Refused
from autograder.challenge.handed_in import Handed, find_entries, read_entry, read_file
from autograder.challenge.hidden import HiddenSet, load_hidden_set
from autograder.challenge.journal import Event, journal, read_journal
from autograder.challenge.scoring import HalfScore, score
from autograder.challenge.settings import ChallengeSettings
from autograder.course import Course
from autograder.wall import Sandbox

Report = Callable[[int, int, Event], None]


def score_class(
    course: Course,
    *,
    sandbox: Sandbox = "bubblewrap",
    students: Sequence[str] | None = None,
    force: bool = False,
    progress: Report | None = None,
) -> list[Event]:
    """Score what is new or changed, and write it down.

    Args:
        course: the course.
        sandbox: "none" for limits only; else the best wall that this machine has.
        students: only these; all unless given.
        force: run files again that were scored on this hidden set already.
        progress: is told how many of how many are done, and the last one.

    Returns:
        What was handed in now, one event a student, by name.

    Raises:
        CourseError: there is no hidden set or no wall, or another run is at work.
    """
    hidden = load_hidden_set(course)
    entries = find_entries(course, students)
    current = []
    with journal(course) as book, sealed(sandbox) as room:
        known = read_journal(course, hidden.name)
        last = {event.student: event for event in known}
        scored = {(event.student, event.sha256): event for event in known if event.sha256}
        for number, entry in enumerate(entries, start=1):
            event = _Evaluation(course.challenge, hidden, room, entry.student).of_folder(
                entry.folder, {} if force else scored
            )
            before = last.get(entry.student)
            if before is None or force or not _same(before, event):
                book.add(event)
            current.append(event)
            if progress:
                progress(number, len(entries), event)
    return current


def score_file(course: Course, path: Path, *, sandbox: Sandbox = "bubblewrap") -> Event:
    """Score one file, without writing it down.

    Args:
        course: the course.
        path: a model, or predictions.
        sandbox: as for `score_class`.

    Returns:
        Its scores, or why it was refused.

    Raises:
        CourseError: there is no hidden set or no wall.
    """
    hidden = load_hidden_set(course)
    with sealed(sandbox) as room:
        return _Evaluation(course.challenge, hidden, room, path.name).of_file(path)


def _same(one: Event, other: Event) -> bool:
    return (one.sha256, one.problem) == (other.sha256, other.problem)


class _Evaluation:
    """Scores one student's file."""

    def __init__(
        self, settings: ChallengeSettings, hidden: HiddenSet, room: Sealed, student: str
    ) -> None:
        self._settings = settings
        self._hidden = hidden
        self._room = room
        self._event = Event(hidden=hidden.name, student=student, at="", wall=room.wall)

    def of_folder(self, folder: Path, scored: dict[tuple[str, str], Event]) -> Event:
        """Score what lies in a folder; what was scored before is not run again."""
        with self._timed():
            handed = read_entry(folder, self._settings.model_mb)
            before = scored.get((self._event.student, handed.sha256))
            if before is not None:
                self._event = before.model_copy()
            else:
                self._score(handed)
        return self._event

    def of_file(self, path: Path) -> Event:
        """Score one file."""
        with self._timed():
            self._score(read_file(path, self._settings.model_mb))
        return self._event

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except Refused as refused:
            self._event.problem, self._event.cure = refused.problem, refused.cure
        self._event.at = datetime.now(UTC).isoformat(timespec="seconds")
        self._event.seconds = self._event.seconds or round(time.monotonic() - began, 2)

    def _score(self, handed: Handed) -> None:
        event, settings = self._event, self._settings
        event.sha256, event.kind = handed.sha256, handed.kind
        public, private = self._hidden.halves["public"], self._hidden.halves["private"]
        number = len(public.labels)
        if handed.kind == "predictions":
            labels = read_confined_predictions(self._room, handed.content, number, settings)
            event.public = self._half(public.labels, labels)
            return
        parts = [public.images, private.images]
        predicted = run_model(self._room, handed.content, parts, settings).argmax(1)
        event.public = self._half(public.labels, predicted[:number])
        event.private = self._half(private.labels, predicted[number:])

    def _half(self, labels: np.ndarray, predicted: np.ndarray) -> HalfScore:
        return score(labels, predicted, self._settings.classes)
