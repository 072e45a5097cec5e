"""What was scored, in the order in which it came: one line a submission, only ever added to.

All else is made from these lines: the table, the pages, and the board, whose Ladder needs the
order. A line is on the disk before the next submission is touched; what a killed run left half
written is cut off by the next one.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from autograder.challenge.hidden import challenge_folder
from autograder.challenge.scoring import HalfScore
from autograder.course import Course
from autograder.errors import CourseError
from autograder.records import Plain
from autograder.scratch import make_private

FILE = "journal.jsonl"


class Event(Plain):
    """One submission that was scored.

    Attributes:
        hidden: the name of the hidden set.
        student: who handed it in.
        sha256: of the file; empty where there was none to read.
        kind: what was handed in; None where there was nothing to read.
        at: when it was scored, UTC.
        wall: what stood round it.
        seconds: how long its run took.
        public: its score on the public half; None where it was refused.
        private: its score on the private half; None for predictions, and where it was refused.
        problem: why it was refused.
        cure: what to do about that.
    """

    hidden: str
    student: str
    sha256: str = ""
    kind: Literal["model", "predictions"] | None = None
    at: str
    wall: str
    seconds: float = 0.0
    public: HalfScore | None = None
    private: HalfScore | None = None
    problem: str | None = None
    cure: str = ""


def journal_path(course: Course) -> Path:
    """Say where the journal lies."""
    return challenge_folder(course) / FILE


def read_journal(course: Course, hidden: str) -> list[Event]:
    """Read all that was scored on a hidden set.

    Args:
        course: the course.
        hidden: the set's name.

    Returns:
        The events in their order; a line that a killed run left half written is passed over.

    Raises:
        CourseError: another line is damaged.
    """
    path = journal_path(course)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    whole = content[: content.rfind(b"\n") + 1]
    events = []
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            events.append(Event.model_validate_json(line))
        except ValidationError:
            raise CourseError(
                f"{path}, line {number}: this is not an entry of the journal.",
                "Restore the file from a copy, or delete that line: its submission is scored anew.",
            ) from None
    return [event for event in events if event.hidden == hidden]


@contextmanager
def journal(course: Course) -> Iterator["Journal"]:
    """Open the journal for one writer at a time.

    Args:
        course: the course.

    Yields:
        What adds events.

    Raises:
        CourseError: another process is writing.
    """
    path = journal_path(course)
    make_private(path.parent)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                "Another `course challenge score` is at work.",
                "Wait for its end, or end it; then run this one again.",
            ) from None
        except OSError:  # a file system without locks
            pass
        _cut_torn_line(file)
        yield Journal(file, path)
    finally:
        os.close(file)


class Journal:
    """The open journal.

    Args:
        file: its descriptor.
        path: its place.
    """

    def __init__(self, file: int, path: Path) -> None:
        self._file, self._path = file, path

    def add(self, event: Event) -> None:
        """Write one event, whole and at once.

        Raises:
            OSError: the disk is full; nothing of the event is left then.
        """
        line = event.model_dump_json().encode() + b"\n"
        before = os.fstat(self._file).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, before)
            raise OSError(error.errno, error.strerror, str(self._path)) from None


def _cut_torn_line(file: int) -> None:
    size = os.fstat(file).st_size
    content = os.pread(file, size, 0)
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.ftruncate(file, whole)
