"""The kernel's stdout and stderr with an end: what is printed beyond it is counted and dropped.

nbgrader shortens output when everything has been sent, kept and parsed; a cell that prints for as
long as it may would fill the memory before. So the text is dropped where it is made. A student's
code can undo this; the process that reads the kernel's messages has a cap of its own.
"""

import os
from typing import Any

from ipykernel.iostream import OutStream

VARIABLE = "COURSE_OUTPUT_BYTES"
NOTICE = "\n… output cut here …\n"


class CappedStream(OutStream):
    """A stream that takes a number of characters in each cell."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._left = self._most = int(os.environ.get(VARIABLE, 1_000_000))
        super().__init__(*arguments, **options)

    def set_parent(self, parent: Any) -> None:
        """Begin a new cell.

        Args:
            parent: the message that asked for it.
        """
        self._left = self._most
        super().set_parent(parent)

    def write(self, string: str) -> int:
        """Write what there is still room for.

        Args:
            string: the text.

        Returns:
            The length of the whole text, as if it had been written.
        """
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string).__name__}")
        if len(string) <= self._left:
            self._left -= len(string)
            super().write(string)
        elif self._left >= 0:
            super().write(string[: self._left] + NOTICE)
            self._left = -1
        return len(string)
