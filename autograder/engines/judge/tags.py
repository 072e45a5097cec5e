"""What both directions of the wire share: tags, limits, errors, references."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

HEADER = struct.Struct("<4sIQ")
MAGIC = b"DLJ1"
MOST_TREE_BYTES = 16 * 2**20
MOST_RAW_BYTES = 512 * 2**20
MOST_ITEMS = 500_000
MOST_NUMBERS = 5_000_000  # in lists that travel as raw bytes
MOST_DEPTH = 40
MOST_OF_ONE_HASH = 100  # keys of a dict, items of a set
MOST_INTEGER_BYTES = 1024
MOST_AXES = 32
WORTH_PACKING = 16  # lists of numbers at least this long travel as raw bytes

LIST, TUPLE, DICT, SET, FROZENSET, COMPLEX, INTEGER, ARRAY, SCALAR, TENSOR = range(10)
SLICE, RANGE, ELLIPSIS, DTYPE, TYPE, RECORD, FLOATS, INTEGERS, RANDOM, REFERENCE = range(10, 20)

DATA_TYPES = frozenset(
    {bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, np.ndarray}
)
NATIVE = (type(None), bool, float, str, bytes)
KINDS = "biufcUS"
TYPES_FROM = ("builtins", "numpy", "torch")
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
TENSOR_DTYPES = (
    *("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"),
    *("complex64", "complex128", "bfloat16"),
)


class WireError(Exception):
    """Bytes that are no message, or a message beyond the limits."""


class NotSendableError(Exception):
    """A value that is too large or too deep to be sent; the message is a sentence."""


@dataclass(frozen=True)
class Reference:
    """An object that stays in the process that has it.

    Attributes:
        home: "student", or "judge" for functions that the student's code may call back.
        number: its number there.
        kind: "function", "class", "exception", "iterator", "object", or "graph" for the place of a
            tensor in its graph, which `resolve` turns into a function of the tensor's value.
        name: of the function, or of the class.
        bases: the names of the classes it derives from, its own first, each with its module.
    """

    home: str
    number: int
    kind: str
    name: str
    bases: tuple[tuple[str, str], ...] = ()


Refer = Callable[[Any], Reference | None]
Resolve = Callable[[Reference], Any]


def is_type_of_data(value: Any) -> bool:
    """Say whether it is a class such as `float`, `np.float32` or `ValueError`."""
    if not isinstance(value, type):
        return False
    return value in DATA_TYPES or issubclass(value, np.generic | BaseException)
