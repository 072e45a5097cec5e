"""Turn whatever a student's code returned into plain data, or refuse it with a sentence.

A check compares plain data only: Python's own scalars and containers, and arrays whose type is
exactly `numpy.ndarray`. Nothing here calls a method that a student could have written, so an
object whose `__eq__` or `__array__` lies is refused before it is asked anything.
"""

import collections
import sys
import types
from typing import Any

import numpy as np

MAXIMUM_DEPTH = 40
MAXIMUM_ITEMS = 20_000_000

_SCALARS = frozenset({bool, int, float, complex, str, bytes, type(None)})
_NUMPY_SCALARS = frozenset(np.sctypeDict.values())
_DICTS = frozenset({dict, collections.OrderedDict, collections.defaultdict, collections.Counter})
_ITERATORS: tuple[type, ...] = (
    types.GeneratorType,
    map,
    filter,
    zip,
    enumerate,
    reversed,
    type(iter([])),
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class NotPlainError(Exception):
    """A value that is not plain data; the message is a sentence about "your result"."""


def type_name(value: object) -> str:
    """Return the name of the value's true type, whatever its class says of itself.

    Args:
        value: anything.

    Returns:
        The name, cut at 60 characters.
    """
    name = type.__dict__["__name__"].__get__(type(value))
    return "".join(letter for letter in name if letter.isprintable())[:60]


def to_plain(value: object) -> Any:
    """Return the value as plain data.

    Args:
        value: anything; arrays are neither copied nor changed.

    Returns:
        None, bool, int, float, complex, str, bytes, an array of exactly `numpy.ndarray`, or lists,
        tuples, sets and dicts of these. Tensors become arrays, NumPy scalars 0-d arrays.

    Raises:
        NotPlainError: if the value, or something in it, is of another type.
    """
    return _Converter().convert(value, 0)


def to_array(value: object) -> np.ndarray:
    """Return the value as an array of numbers or booleans.

    Args:
        value: anything.

    Returns:
        An array of exactly `numpy.ndarray` with a boolean, integer, real or complex dtype.

    Raises:
        NotPlainError: if the value is not plain data, is ragged, or does not hold numbers.
    """
    return plain_to_array(to_plain(value))


def plain_to_array(plain: Any) -> np.ndarray:
    """Return plain data as an array of numbers or booleans.

    Args:
        plain: what `to_plain` returned.

    Returns:
        The array.

    Raises:
        NotPlainError: if the data is ragged or does not hold numbers.
    """
    if type(plain) is np.ndarray:
        array = plain
    elif plain is None:
        raise NotPlainError("your result is None: did you forget `return`?")
    elif type(plain) in (str, bytes):
        raise NotPlainError("your result is text where numbers are asked for")
    elif type(plain) in (dict, set, frozenset):
        raise NotPlainError(f"your result is a {type_name(plain)} where an array is asked for")
    else:
        array = _list_to_array(plain)
    if array.dtype.kind not in "biufc":
        raise NotPlainError(f"your result holds {array.dtype} values where numbers are asked for")
    return array


def _list_to_array(plain: Any) -> np.ndarray:
    if type(plain) in (list, tuple):
        _refuse_non_numbers(plain)
    try:
        array = np.array(plain)
    except ValueError:
        raise NotPlainError(
            "your result is a ragged list: its rows differ in length, so it is no array"
        ) from None
    if array.dtype == object:
        raise NotPlainError("your result holds an integer too large for an array")
    return array


def _refuse_non_numbers(items: Any) -> None:
    for item in items:
        if item is None:
            raise NotPlainError("your result holds None where numbers are asked for")
        if type(item) in (str, bytes, dict, set, frozenset):
            raise NotPlainError(
                f"your result holds a {type_name(item)} where numbers are asked for"
            )
        if type(item) in (list, tuple):
            _refuse_non_numbers(item)


class _Converter:
    """One conversion: counts the items, so that an absurd result ends in a sentence."""

    def __init__(self) -> None:
        self.items = 0

    def convert(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _SCALARS:
            return value
        if kind is np.ndarray:
            return _checked_array(value)
        if kind in _NUMPY_SCALARS:
            return _checked_array(np.array(value))
        if depth >= MAXIMUM_DEPTH:
            raise NotPlainError("your result is nested too deeply (does a list hold itself?)")
        if kind is list or issubclass(kind, tuple):
            return self._sequence(value, depth)
        if kind is range:
            self._count(len(value))
            return list(value)
        if kind in (set, frozenset):
            self._count(len(value))
            return {_hashable(self.convert(item, depth + 1)) for item in value}
        if kind in _DICTS:
            self._count(dict.__len__(value))
            return {
                _hashable(self.convert(key, depth + 1)): self.convert(item, depth + 1)
                for key, item in dict.items(value)
            }
        tensor = _tensor_to_array(value)
        if tensor is not None:
            return tensor
        raise NotPlainError(_refusal(value))

    def _sequence(self, value: Any, depth: int) -> list | tuple:
        base: Any = list if type(value) is list else tuple
        self._count(base.__len__(value))
        items = list(base.__iter__(value))
        if not set(map(type, items)) <= _SCALARS:
            items = [self.convert(item, depth + 1) for item in items]
        return base(items)

    def _count(self, number: int) -> None:
        self.items += number
        if self.items > MAXIMUM_ITEMS:
            raise NotPlainError("your result holds far too many items to be compared")


def _hashable(key: Any) -> Any:
    """Return plain data as a key: a NumPy scalar, a 0-d array by now, as Python's own number."""
    if type(key) is np.ndarray and key.ndim == 0:
        return key.item()
    if type(key) is tuple:
        return tuple(_hashable(item) for item in key)
    if type(key) in _SCALARS:
        return key
    if type(key) is set:
        return frozenset(key)
    raise NotPlainError(f"your result has a {type_name(key)} as a key, which is not plain data")


def _checked_array(array: np.ndarray) -> np.ndarray:
    if array.dtype.hasobject:
        raise NotPlainError(
            "your result is an array of Python objects (dtype object), not of numbers; "
            "were its rows of different lengths?"
        )
    if array.dtype.kind not in "biufcUS":
        raise NotPlainError(f"your result is an array of {array.dtype}, not of numbers")
    return array


def _tensor_to_array(value: Any) -> np.ndarray | None:
    """Return a tensor's values, None for anything else; torch itself is never imported here."""
    torch = sys.modules.get("torch")
    kinds = (getattr(torch, "Tensor", None), getattr(getattr(torch, "nn", None), "Parameter", None))
    if torch is None or type(value) not in kinds:
        return None
    tensor = torch.Tensor.detach(value)
    if tensor.layout is not torch.strided:
        raise NotPlainError("your result is a sparse tensor; `.to_dense()` makes an ordinary one")
    if tensor.dtype is torch.bfloat16:
        tensor = tensor.float()
    try:
        array = tensor.cpu().resolve_conj().resolve_neg().numpy()
    except (RuntimeError, TypeError):
        raise NotPlainError(f"your result is a tensor of {tensor.dtype}, not of numbers") from None
    if type(array) is not np.ndarray:
        raise NotPlainError(_refusal(value))
    return _checked_array(array)


def _refusal(value: Any) -> str:
    kind = type(value)
    name = type_name(value)
    if issubclass(kind, np.matrix):
        return "your result is an `np.matrix`; return an ordinary array (`np.asarray(…)`)"
    if issubclass(kind, np.ma.MaskedArray):
        return "your result is a masked array; return an ordinary one (`.filled(…)`)"
    if issubclass(kind, np.ndarray):
        return f"your result is a `{name}`, a subclass of array; return an ordinary array"
    if issubclass(kind, _ITERATORS):
        return f"your result is a {name}, which gives its items one by one; make a list of it"
    if issubclass(kind, _FUNCTIONS):
        return "your result is a function; was it to be called, with `(…)` after its name?"
    if issubclass(kind, type):
        return "your result is a class; was an object of it to be made, with `(…)` after its name?"
    return f"your result is an object of class `{name}`, not plain data (a number, an array, …)"
