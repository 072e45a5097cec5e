"""Writes values as frames; see `autograder.engines.judge.wire`."""

import collections
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
    MOST_DEPTH,
    MOST_INTEGER_BYTES,
    MOST_ITEMS,
    MOST_NUMBERS,
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
    WORTH_PACKING,
    NotSendableError,
    Refer,
    is_type_of_data,
)


def dump(value: Any, refer: Refer) -> bytes:
    """Write a value as a frame.

    Args:
        value: what is sent.
        refer: gives the reference for an object that is not sent by value; for a tensor that
            needs a gradient the one of its place in the graph, or None.

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


class _Encoder:
    def __init__(self, refer: Refer) -> None:
        self.refer = refer
        self.raw: list[Any] = []
        self.size = 0
        self.items = 0

    def node(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in NATIVE:
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
        if issubclass(kind, np.generic) and value.dtype.kind in KINDS:
            return [SCALAR, value.dtype.str, *self._put(value.tobytes())]
        if issubclass(kind, np.dtype):
            return [DTYPE, value.str] if value.kind in KINDS else self._refer(value)
        tensor = self._tensor(value, depth)
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
        if found is None or found.kind == "graph":
            raise NotSendableError("it is a tensor that is sparse, quantised or of its own class")
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
        if value.dtype.kind not in KINDS or value.dtype.hasobject:
            return self._refer(value)
        place = self._put(value.tobytes())
        return [ARRAY, value.dtype.str, list(value.shape), *place, value.flags.writeable]

    def _tensor(self, value: Any, depth: int) -> list[Any] | None:
        torch = sys.modules.get("torch")
        if torch is None or type(value) not in (torch.Tensor, torch.nn.Parameter):
            return None
        name = str(value.dtype).removeprefix("torch.")
        if value.layout is not torch.strided or name not in TENSOR_DTYPES:
            return None
        own = bool(value.requires_grad and value.is_leaf)
        is_parameter = type(value) is torch.nn.Parameter
        plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
        plain = (plain.view(torch.int16) if name == "bfloat16" else plain).numpy()
        place = self._put(plain.tobytes())
        graph = self.refer(value) if value.requires_grad else None
        link = None if graph is None else [graph.home, graph.number]
        gradient = self.node(value.grad, depth + 1) if own else None
        return [TENSOR, name, list(plain.shape), *place, own, is_parameter, gradient, link]

    def _random(self, value: np.random.Generator, depth: int) -> list[Any]:
        source = value.bit_generator
        if type(source).__name__ not in BIT_GENERATORS:
            return self._refer(value)
        return [RANDOM, type(source).__name__, self.node(dict(source.state), depth + 1)]

    def _type(self, value: type, depth: int) -> list[Any]:
        home = value.__module__.split(".")[0]
        known = getattr(sys.modules.get(home), value.__qualname__, None)
        if home not in TYPES_FROM or known is not value or not is_type_of_data(value):
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
