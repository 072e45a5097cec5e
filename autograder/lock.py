"""One `course grade` at a time for a week: a second one is told who is at work."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.course import Course, Week
from autograder.errors import CourseError
from autograder.records import records_folder
from autograder.scratch import make_private

FILE = ".lock"


@contextmanager
def alone(course: Course, week: Week) -> Iterator[None]:
    """Hold the week's lock; the kernel lets go of it when the process ends, however it ends.

    Args:
        course: the course.
        week: the week.

    Raises:
        CourseError: another process holds it.
    """
    folder = make_private(records_folder(course, week))
    with open(folder / FILE, "ab+", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read(200).decode().strip()
            raise CourseError(
                f"Another `course grade` is at work on {week.folder} ({who}).",
                "Wait for its end, or end it; then run this one again.",
            ) from None
        except OSError:  # a file system without locks
            yield
            return
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a name on it
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
