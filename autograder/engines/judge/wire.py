"""The encoding of what a student's process and the judge tell each other: plain data, no pickle.

A frame is a header, a msgpack tree and one block of raw bytes for arrays. A value that msgpack has
itself (None, bool, int, float, str, bytes) stands for itself; everything else is a list that begins
with a tag. What cannot be sent by value travels as a `Reference` to an object that stays where it
is. Whatever bytes come in, `load` returns plain data or raises `WireError`; the sizes, the depth
and the number of items are bounded before memory is taken.
"""

from autograder.engines.judge.decoding import load, sizes
from autograder.engines.judge.encoding import dump
from autograder.engines.judge.tags import (
    HEADER,
    NotSendableError,
    Refer,
    Reference,
    Resolve,
    WireError,
)

__all__ = [
    "HEADER",
    "NotSendableError",
    "Refer",
    "Reference",
    "Resolve",
    "WireError",
    "dump",
    "load",
    "sizes",
]
