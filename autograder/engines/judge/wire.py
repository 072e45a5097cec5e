"""The encoding of what a student's process and the judge tell each other: plain data, no pickle.

A frame is a header, a msgpack tree and one block of raw bytes for arrays. A value that msgpack has
itself (None, bool, int, float, str, bytes) stands for itself; everything else is a list that begins
with a tag. What cannot be sent by value travels as a `Reference` to an object that stays where it
is. Whatever bytes come in, `load` returns plain data or raises `WireError`; the sizes, the depth
and the number of items are bounded before memory is taken.
"""

import collections
import functools
import math
import struct
import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

HEADER = struct.Struct("<4sIQ")
MAGIC = b"DLJ1"
MOST_TREE_BYTES = 16 * 2**20
MOST_RAW_BYTES = 512 * 2**20
MOST_ITEMS = 500_000
MOST_NUMBERS = 5_000_000  # in lists that travel as raw bytes
MOST_DEPTH = 40
MOST_INTEGER_BYTES = 1024
MOST_AXES = 32
WORTH_PACKING = 16  # lists of numbers at least this long travel as raw bytes

LIST, TUPLE, DICT, SET, FROZENSET, COMPLEX, INTEGER, ARRAY, SCALAR, TENSOR = range(10)
SLICE, RANGE, ELLIPSIS, DTYPE, TYPE, RECORD, FLOATS, INTEGERS, RANDOM, REFERENCE = range(10, 20)

_DATA_TYPES = frozenset(
    {bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, np.ndarray}
)
_NATIVE = (type(None), bool, float, str, bytes)
_KINDS = "biufcUS"
_TYPES_FROM = ("builtins", "numpy", "torch")
_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_TENSOR_DTYPES = (
    *("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"),
    *("complex64", "complex128"),
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
        kind: "function", "class", "exception", "iterator" or "object".
        name: of the function, or of the class.
        bases: the names of the classes it derives from, its own first, each with its module.
    """

    home: str
    number: int
    kind: str
    name: str
    bases: tuple[tuple[str, str], ...] = ()


Refer = Callable[[Any], Reference]
Resolve = Callable[[Reference], Any]


def dump(value: Any, refer: Refer) -> bytes:
    """Write a value as a frame.

    Args:
        value: what is sent.
        refer: gives the reference for an object that is not sent by value.

    Returns:
        The frame.

    Raises:
        NotSendableError: the value is too large or nested too deeply.
    """
    encoder = _Encoder(refer)
    tree = msgpack.packb(encoder.node(value, 0), unicode_errors="surrogatepass")
    if len(tree) > MOST_TREE_BYTES:
        raise NotSendableError("it is too large to be handed over")
    return b"".join((HEADER.pack(MAGIC, len(tree), encoder.size), tree, *encoder.raw))


def sizes(header: bytes) -> tuple[int, int]:
    """Read a frame's header.

    Args:
        header: its first `HEADER.size` bytes.

    Returns:
        How many bytes of tree and of raw data follow.

    Raises:
        WireError: it is no header, or announces more than is allowed.
    """
    if len(header) != HEADER.size:
        raise WireError("a header is cut short")
    magic, tree, raw = HEADER.unpack(header)
    if magic != MAGIC or tree > MOST_TREE_BYTES or raw > MOST_RAW_BYTES:
        raise WireError("a header is not valid")
    return tree, raw


def load(tree: bytes | memoryview, raw: bytes | memoryview, resolve: Resolve) -> Any:
    """Read a value from the two parts of a frame.

    Args:
        tree: the msgpack part.
        raw: the bytes of the arrays.
        resolve: gives the object that a reference stands for; it may raise WireError.

    Returns:
        The value; its arrays share nothing with `raw`.

    Raises:
        WireError: the bytes make no value.
    """
    try:
        node = msgpack.unpackb(
            tree,
            use_list=False,
            strict_map_key=True,
            object_hook=_refuse,
            ext_hook=_refuse,
            unicode_errors="surrogatepass",
            max_array_len=MOST_ITEMS,
            max_map_len=0,
            max_ext_len=0,
        )
        return _Decoder(memoryview(raw), resolve).value(node, 0)
    except WireError:
        raise
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        raise WireError(f"not a value ({type(error).__name__})") from None
    except (RecursionError, MemoryError, BufferError, RuntimeError) as error:
        raise WireError(f"not a value ({type(error).__name__})") from None
    except msgpack.exceptions.UnpackException:
        raise WireError("not a value (msgpack)") from None


def _refuse(*_: Any) -> Any:
    raise WireError("maps and extensions are not used here")


class _Encoder:
    def __init__(self, refer: Refer) -> None:
        self.refer = refer
        self.raw: list[Any] = []
        self.size = 0
        self.items = 0

    def node(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _NATIVE:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else self._integer(value)
        self.items += 1
        if depth >= MOST_DEPTH:
            raise NotSendableError("it is nested too deeply (does a list hold itself?)")
        write = _WRITERS.get(kind)
        if write is not None:
            return write(self, value, depth)
        if issubclass(kind, tuple):
            return self._record(value, depth)
        if issubclass(kind, np.generic) and value.dtype.kind in _KINDS:
            return [SCALAR, value.dtype.str, *self._put(value.tobytes())]
        if issubclass(kind, np.dtype):
            return [DTYPE, value.str] if value.kind in _KINDS else self._refer(value)
        tensor = self._tensor(value)
        return self._refer(value) if tensor is None else tensor

    def _many(self, values: Any, depth: int) -> list[Any]:
        self.items += len(values)
        if self.items > MOST_ITEMS:
            raise NotSendableError("it holds far too many items")
        return [self.node(item, depth + 1) for item in values]

    def _put(self, data: Any) -> tuple[int, int]:
        length = memoryview(data).nbytes
        if self.size + length > MOST_RAW_BYTES:
            raise NotSendableError(f"it is larger than {MOST_RAW_BYTES // 2**20} MB")
        place = self.size
        self.raw.append(data)
        self.size += length
        return place, length

    def _refer(self, value: Any) -> list[Any]:
        found = self.refer(value)
        bases = [list(base) for base in found.bases]
        return [REFERENCE, found.home, found.number, found.kind, found.name, bases]

    def _integer(self, value: int) -> list[Any]:
        length = value.bit_length() // 8 + 1
        if length > MOST_INTEGER_BYTES:
            raise NotSendableError("it is an integer with thousands of digits")
        return [INTEGER, value.to_bytes(length, "little", signed=True)]

    def _list(self, value: list, depth: int) -> list[Any]:
        if WORTH_PACKING <= len(value) <= MOST_NUMBERS:
            kinds = set(map(type, value))
            if kinds == {float}:
                return [FLOATS, *self._put(array("d", value).tobytes())]
            if kinds == {int} and min(value) >= -(2**63) and max(value) < 2**63:
                return [INTEGERS, *self._put(array("q", value).tobytes())]
        return [LIST, self._many(value, depth)]

    def _dict(self, value: dict, depth: int) -> list[Any]:
        return [
            DICT,
            self._many(list(dict.keys(value)), depth),
            self._many(list(dict.values(value)), depth),
        ]

    def _record(self, value: tuple, depth: int) -> list[Any]:
        """Write a named tuple with its fields, any other tuple of a class of its own as a tuple."""
        fields = getattr(type(value), "_fields", ())
        items = list(tuple.__iter__(value))
        names = [name for name in fields if type(name) is str and name.isidentifier()]
        if not names or len(set(names)) != len(items) or any(name[0] == "_" for name in names):
            return [TUPLE, self._many(items, depth)]
        return [RECORD, type(value).__name__, names, self._many(items, depth)]

    def _array(self, value: np.ndarray, depth: int) -> list[Any]:
        if value.dtype.kind not in _KINDS or value.dtype.hasobject:
            return self._refer(value)
        place = self._put(value.tobytes())
        return [ARRAY, value.dtype.str, list(value.shape), *place, value.flags.writeable]

    def _tensor(self, value: Any) -> list[Any] | None:
        torch = sys.modules.get("torch")
        if torch is None or type(value) not in (torch.Tensor, torch.nn.Parameter):
            return None
        name = str(value.dtype).removeprefix("torch.")
        if value.layout is not torch.strided or name not in _TENSOR_DTYPES:
            return None
        own = bool(value.requires_grad and value.is_leaf)
        is_parameter = type(value) is torch.nn.Parameter
        plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous().numpy()
        place = self._put(plain.tobytes())
        return [TENSOR, name, list(plain.shape), *place, own, is_parameter]

    def _random(self, value: np.random.Generator, depth: int) -> list[Any]:
        source = value.bit_generator
        if type(source).__name__ not in _BIT_GENERATORS:
            return self._refer(value)
        return [RANDOM, type(source).__name__, self.node(dict(source.state), depth + 1)]

    def _type(self, value: type, depth: int) -> list[Any]:
        home = value.__module__.split(".")[0]
        known = getattr(sys.modules.get(home), value.__qualname__, None)
        if home not in _TYPES_FROM or known is not value or not _is_type_of_data(value):
            return self._refer(value)
        return [TYPE, home, value.__qualname__]


_WRITERS: dict[type, Callable[[_Encoder, Any, int], Any]] = {
    list: _Encoder._list,
    tuple: lambda self, value, depth: [TUPLE, self._many(value, depth)],
    dict: _Encoder._dict,
    collections.OrderedDict: _Encoder._dict,
    collections.defaultdict: _Encoder._dict,
    collections.Counter: _Encoder._dict,
    set: lambda self, value, depth: [SET, self._many(value, depth)],
    frozenset: lambda self, value, depth: [FROZENSET, self._many(value, depth)],
    complex: lambda self, value, depth: [COMPLEX, value.real, value.imag],
    np.ndarray: _Encoder._array,
    np.random.Generator: _Encoder._random,
    type: _Encoder._type,
    type(...): lambda self, value, depth: [ELLIPSIS],
    slice: lambda self, value, depth: [
        SLICE,
        *self._many((value.start, value.stop, value.step), depth),
    ],
    range: lambda self, value, depth: [
        RANGE,
        *self._many((value.start, value.stop, value.step), depth),
    ],
}


class _Decoder:
    """Turns a tree of tuples into a value; every field is checked before it is used."""

    def __init__(self, raw: memoryview, resolve: Resolve) -> None:
        self.raw = raw
        self.resolve = resolve
        self.items = 0
        self.numbers = 0

    def value(self, node: Any, depth: int) -> Any:
        if type(node) is int or type(node) in _NATIVE:
            return node
        self._count(1)
        if type(node) is not tuple or not node or depth >= MOST_DEPTH:
            raise WireError("a value is nested too deeply, or is none")
        read = _READERS.get(_of(int, node[0]))
        if read is None:
            raise WireError("an unknown tag")
        return read(self, depth, *node[1:])

    def _count(self, number: int) -> None:
        self.items += number
        if self.items > MOST_ITEMS:
            raise WireError("too many items")

    def _many(self, nodes: Any, depth: int) -> list[Any]:
        self._count(len(_of(tuple, nodes)))
        return [self.value(node, depth + 1) for node in nodes]

    def _take(self, place: Any, length: Any) -> memoryview:
        place, length = _of(int, place), _of(int, length)
        if place < 0 or length < 0 or place + length > len(self.raw):
            raise WireError("bytes that are not there")
        return self.raw[place : place + length]

    def _numbers(self, code: str, place: Any, length: Any) -> list:
        data = self._take(place, length)
        self.numbers += len(data) // 8
        if self.numbers > MOST_NUMBERS:
            raise WireError("too many numbers")
        return array(code, bytes(data)).tolist()

    def _dict(self, depth: int, keys: Any, values: Any) -> dict:
        return dict(zip(self._many(keys, depth), self._many(values, depth), strict=True))

    def _integer(self, depth: int, data: Any) -> int:
        if len(_of(bytes, data)) > MOST_INTEGER_BYTES:
            raise WireError("an integer too large")
        return int.from_bytes(data, "little", signed=True)

    def _record(self, depth: int, name: Any, fields: Any, values: Any) -> tuple:
        names = tuple(_of(str, field)[:100] for field in _of(tuple, fields)[:100])
        return _record_class(_of(str, name)[:100], names)(*self._many(values, depth))

    def _array(
        self, depth: int, dtype: Any, shape: Any, place: Any, length: Any, writable: Any = True
    ) -> np.ndarray:
        data = self._take(place, length)
        kind, axes = _dtype(dtype), _shape(shape)
        if math.prod(axes) * kind.itemsize != len(data):
            raise WireError("an array of another size")
        array = np.frombuffer(bytearray(data), kind) if len(data) else np.empty(0, kind)
        array = array.reshape(axes)
        array.flags.writeable = _of(bool, writable)
        return array

    def _scalar(self, depth: int, dtype: Any, place: Any, length: Any) -> Any:
        return self._array(depth, dtype, (), place, length)[()]

    def _tensor(
        self, depth: int, name: Any, shape: Any, place: Any, length: Any, own: Any, parameter: Any
    ) -> Any:
        torch = sys.modules.get("torch")
        if torch is None or _of(str, name) not in _TENSOR_DTYPES:
            raise WireError("a tensor where there is no torch")
        values = self._array(depth, np.dtype(name).str, shape, place, length)
        tensor = torch.from_numpy(values)
        if parameter is True:
            return torch.nn.Parameter(tensor, requires_grad=_of(bool, own))
        return tensor.requires_grad_(_of(bool, own))

    def _type(self, depth: int, home: Any, name: Any) -> type:
        found = getattr(sys.modules.get(_of(str, home)), _of(str, name), None)
        if home not in _TYPES_FROM or found is None or not _is_type_of_data(found):
            raise WireError("an unknown type")
        return found

    def _random(self, depth: int, name: Any, state: Any) -> np.random.Generator:
        if _of(str, name) not in _BIT_GENERATORS:
            raise WireError("an unknown generator")
        source = getattr(np.random, name)()
        source.state = self.value(state, depth + 1)
        return np.random.Generator(source)

    def _reference(
        self, depth: int, home: Any, number: Any, kind: Any, name: Any, bases: Any
    ) -> Any:
        pairs = tuple(
            (_of(str, module)[:100], _of(str, title)[:100]) for module, title in _of(tuple, bases)
        )
        return self.resolve(
            Reference(_of(str, home), _of(int, number), _of(str, kind), _of(str, name)[:100], pairs)
        )


@functools.lru_cache(maxsize=256)
def _record_class(name: str, fields: tuple[str, ...]) -> Any:
    if not name.isidentifier():
        raise WireError("not a name")
    return collections.namedtuple(name, fields)


def _is_type_of_data(value: Any) -> bool:
    """Say whether it is a class such as `float`, `np.float32` or `ValueError`."""
    if not isinstance(value, type):
        return False
    return value in _DATA_TYPES or issubclass(value, np.generic | BaseException)


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise WireError(f"a {type(value).__name__} where a {kind.__name__} is due")
    return value


def _dtype(text: Any) -> np.dtype:
    if len(_of(str, text)) > 12 or text[:1] not in "<>|=" or text[1:2] not in _KINDS:
        raise WireError("an unknown dtype")
    kind = np.dtype(text)
    if kind.kind not in _KINDS or kind.shape or kind.names or not 0 < kind.itemsize <= 2**20:
        raise WireError("an unknown dtype")
    return kind


def _shape(axes: Any) -> tuple[int, ...]:
    if len(_of(tuple, axes)) > MOST_AXES or any(_of(int, n) < 0 or n > 2**40 for n in axes):
        raise WireError("not a shape")
    return axes


_READERS: dict[int, Callable[..., Any]] = {
    LIST: lambda self, depth, items: self._many(items, depth),
    TUPLE: lambda self, depth, items: tuple(self._many(items, depth)),
    DICT: _Decoder._dict,
    SET: lambda self, depth, items: set(self._many(items, depth)),
    FROZENSET: lambda self, depth, items: frozenset(self._many(items, depth)),
    COMPLEX: lambda self, depth, real, imag: complex(_of(float, real), _of(float, imag)),
    INTEGER: _Decoder._integer,
    ARRAY: _Decoder._array,
    SCALAR: _Decoder._scalar,
    TENSOR: _Decoder._tensor,
    SLICE: lambda self, depth, *ends: slice(*self._many(ends, depth)),
    RANGE: lambda self, depth, *ends: range(*self._many(ends, depth)),
    ELLIPSIS: lambda self, depth: ...,
    DTYPE: lambda self, depth, text: _dtype(text),
    TYPE: _Decoder._type,
    RECORD: _Decoder._record,
    FLOATS: lambda self, depth, *where: self._numbers("d", *where),
    INTEGERS: lambda self, depth, *where: self._numbers("q", *where),
    RANDOM: _Decoder._random,
    REFERENCE: _Decoder._reference,
}
