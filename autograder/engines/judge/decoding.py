"""Reads values from frames that may be hostile; see `autograder.engines.judge.wire`."""

import collections
import functools
import math
import sys
from array import array
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

from autograder.engines.judge.tags import (
    ARRAY,
    BIT_GENERATORS,
    COMPLEX,
    DICT,
    DTYPE,
    ELLIPSIS,
    FLOATS,
    FROZENSET,
    HEADER,
    INTEGER,
    INTEGERS,
    KINDS,
    LIST,
    MAGIC,
    MOST_AXES,
    MOST_DEPTH,
    MOST_INTEGER_BYTES,
    MOST_ITEMS,
    MOST_NUMBERS,
    MOST_OF_ONE_HASH,
    MOST_RAW_BYTES,
    MOST_TREE_BYTES,
    NATIVE,
    RANDOM,
    RANGE,
    RECORD,
    REFERENCE,
    SCALAR,
    SET,
    SLICE,
    TENSOR,
    TENSOR_DTYPES,
    TUPLE,
    TYPE,
    TYPES_FROM,
    Reference,
    Resolve,
    WireError,
    is_type_of_data,
)


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


class _Decoder:
    """Turns a tree of tuples into a value; every field is checked before it is used."""

    def __init__(self, raw: memoryview, resolve: Resolve) -> None:
        self.raw = raw
        self.resolve = resolve
        self.items = 0
        self.numbers = 0

    def value(self, node: Any, depth: int) -> Any:
        if type(node) is int or type(node) in NATIVE:
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
        names = _spread(self._many(keys, depth))
        return dict(zip(names, self._many(values, depth), strict=True))

    def _set(self, depth: int, nodes: Any) -> list[Any]:
        return _spread(self._many(nodes, depth))

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
        self,
        depth: int,
        name: Any,
        shape: Any,
        place: Any,
        length: Any,
        own: Any,
        parameter: Any,
        gradient: Any,
        link: Any,
    ) -> Any:
        torch = sys.modules.get("torch")
        if torch is None or _of(str, name) not in TENSOR_DTYPES:
            raise WireError("a tensor where there is no torch")
        short = name == "bfloat16"  # which NumPy does not know
        values = self._array(depth, np.dtype("i2" if short else name).str, shape, place, length)
        tensor = torch.from_numpy(values)
        tensor = tensor.view(torch.bfloat16) if short else tensor
        if parameter is True:
            tensor = torch.nn.Parameter(tensor, requires_grad=_of(bool, own))
        elif _of(bool, own):
            tensor.requires_grad_()
        if gradient is not None:
            tensor.grad = self.value(gradient, depth + 1)
        if link is None:
            return tensor
        home, number = _of(tuple, link)
        return self.resolve(Reference(_of(str, home), _of(int, number), "graph", ""))(tensor)

    def _type(self, depth: int, home: Any, name: Any) -> type:
        found = getattr(sys.modules.get(_of(str, home)), _of(str, name), None)
        if home not in TYPES_FROM or found is None or not is_type_of_data(found):
            raise WireError("an unknown type")
        return found

    def _random(self, depth: int, name: Any, state: Any) -> np.random.Generator:
        if _of(str, name) not in BIT_GENERATORS:
            raise WireError("an unknown generator")
        source = getattr(np.random, name)()
        found = _of(dict, self.value(state, depth + 1))
        source.state = found
        pos, last = found.get("buffer_pos", 0), 4  # NumPy reads there unchecked
        if name == "MT19937":
            pos, last = found["state"]["pos"], 624
        if not 0 <= _of(int, pos) <= last:
            raise WireError("a generator that would read outside its state")
        return np.random.Generator(source)

    def _reference(
        self, depth: int, home: Any, number: Any, kind: Any, name: Any, bases: Any
    ) -> Any:
        if kind == "graph":
            raise WireError("a place in a graph without its tensor")
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


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise WireError(f"a {type(value).__name__} where a {kind.__name__} is due")
    return value


def _spread(items: list[Any]) -> list[Any]:
    """Refuse many items of one hash: a set of them takes time by the square of their number."""
    if len(items) > MOST_OF_ONE_HASH:
        _, most = collections.Counter(map(hash, items)).most_common(1)[0]
        if most > MOST_OF_ONE_HASH:
            raise WireError("too many items of one hash")
    return items


def _dtype(text: Any) -> np.dtype:
    if len(_of(str, text)) > 12 or text[:1] not in "<>|=" or text[1:2] not in KINDS:
        raise WireError("an unknown dtype")
    kind = np.dtype(text)
    if kind.kind not in KINDS or kind.shape or kind.names or not 0 < kind.itemsize <= 2**20:
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
    SET: lambda self, depth, items: set(self._set(depth, items)),
    FROZENSET: lambda self, depth, items: frozenset(self._set(depth, items)),
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
