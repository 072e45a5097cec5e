"""The files that students hand in for the challenge: found and read, never taken apart here."""

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.challenge.errors import Refused
from autograder.course import Course
from autograder.errors import CourseError
from autograder.pages import plain
from autograder.submissions import SUBMITTED, printable

MODEL, PREDICTIONS = "model.onnx", "predictions.npz"
Kind = Literal["model", "predictions"]


@dataclass(frozen=True)
class Entry:
    """A folder that a student handed in for the challenge.

    Attributes:
        student: the student's name.
        folder: `submitted/STUDENT/challenge`.
    """

    student: str
    folder: Path


@dataclass(frozen=True)
class Handed:
    """A file that was handed in.

    Attributes:
        kind: what it is, by its name.
        content: the file, not to be trusted.
        sha256: of the content.
    """

    kind: Kind
    content: bytes
    sha256: str


def find_entries(course: Course, students: Sequence[str] | None = None) -> list[Entry]:
    """List who handed something in.

    Args:
        course: the course.
        students: only these; all unless given.

    Returns:
        One entry a student, by name.

    Raises:
        CourseError: one of `students` handed nothing in.
    """
    home = course.private / SUBMITTED
    found = [
        Entry(printable(path.name), path / course.challenge.folder)
        for path in sorted(home.iterdir() if home.is_dir() else ())
        if not path.name.startswith(".") and os.path.lexists(path / course.challenge.folder)
    ]
    missing = sorted(set(students or ()) - {entry.student for entry in found})
    if missing:
        raise CourseError(
            f"{missing[0]} handed nothing in for the challenge.",
            f"Names are those of the folders in {home}.",
        )
    return [entry for entry in found if not students or entry.student in students]


def read_entry(folder: Path, most_mb: int) -> Handed:
    """Read what lies in a student's folder: the model, or else the predictions.

    Args:
        folder: the student's.
        most_mb: the largest file that is read, in MiB.

    Returns:
        The file.

    Raises:
        Refused: there is none, or it is none that can be read.
    """
    if folder.is_symlink() or folder.parent.is_symlink() or not folder.is_dir():
        raise Refused("What was handed in is not a folder.", f"Hand in a folder with {MODEL}.")
    for name in (MODEL, PREDICTIONS):
        if os.path.lexists(folder / name):
            return read_file(folder / name, most_mb)
    raise Refused(
        f"There is neither {MODEL} nor {PREDICTIONS}.", f"Hand in {MODEL}, called exactly so."
    )


def read_file(path: Path, most_mb: int) -> Handed:
    """Read one file, if it is an ordinary one and not too large.

    Args:
        path: the file; what it is goes by its name's ending.
        most_mb: the largest file that is read, in MiB.

    Returns:
        The file.

    Raises:
        Refused: it is not there, not an ordinary file, or too large.
    """
    name = plain(path.name, 60)
    if path.suffix not in (".onnx", ".npz"):
        raise Refused(f"{name} is neither {MODEL} nor {PREDICTIONS}.", "Rename or export it.")
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        what = "a link" if path.is_symlink() else "no file that can be read"
        raise Refused(f"{name} is {what}.", "Hand in the file itself.") from None
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise Refused(f"{name} is not an ordinary file.", "Hand in the file itself.")
        if about.st_size > most_mb * 2**20:
            raise Refused(
                f"{name} has {about.st_size / 2**20:,.0f} MiB; {most_mb} are allowed.",
                "Make the network smaller; weights in half precision take half the room.",
            )
        with open(file, "rb", closefd=False) as stream:
            content = stream.read(most_mb * 2**20)  # no more, should it be growing
    except OSError as error:
        raise Refused(f"{name} cannot be read ({error.strerror}).", "Hand it in again.") from None
    finally:
        os.close(file)
    kind: Kind = "model" if path.suffix == ".onnx" else "predictions"
    return Handed(kind, content, hashlib.sha256(content).hexdigest())
