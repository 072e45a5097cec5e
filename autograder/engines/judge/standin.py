"""Stand-ins: what the judge's test cells hold in place of a student's functions and objects.

Whatever a test does with a stand-in is done by the student's process; plain data comes back by
value, everything else as another stand-in. A stand-in is never equal, true or a number by itself:
an object of the student's cannot speak for its own correctness. Only objects of classes that the
instructor's own cells define have length, items and operators.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any, Protocol

from autograder.engines.judge.wire import Reference

MOST_GIVEN = 1_000_000  # items that one iterator may give in a test
_READABLE = ("__name__", "__qualname__", "__doc__")


class Link(Protocol):
    """The way from a stand-in to the student's process."""

    def ask(self, name: str, *arguments: Any) -> Any:
        """Have something done there."""

    def call(self, function: "StandIn", args: tuple, kwargs: dict[str, Any]) -> Any:
        """Have a function called there."""

    def is_instructors(self, reference: Reference) -> bool:
        """Say whether an object is of a class that the instructor's cells define."""


class StandIn:
    """Anything that stays in the student's process."""

    __slots__ = ("__weakref__", "_link", "_reference")
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, link: Link, reference: Reference) -> None:
        object.__setattr__(self, "_link", link)
        object.__setattr__(self, "_reference", reference)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in _READABLE:
            raise AttributeError(f"a {self._reference.name} has no {name} that a test can read")
        return self._link.ask("get_attribute", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._link.ask("set_attribute", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._link.ask("delete_attribute", self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        return self._link.call(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<the student's {self._reference.name}>"

    def __bool__(self) -> bool:
        raise TypeError(f"an object of class {self._reference.name} is neither True nor False")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"an object of class {self._reference.name} is not an array")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("what stays in the student's process cannot be pickled")


class FunctionStandIn(StandIn):
    """A function or method."""

    __slots__ = ()

    @property
    def __name__(self) -> str:
        return self._reference.name

    def __bool__(self) -> bool:
        return True

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else functools.partial(self, owner)


class ClassStandIn(StandIn):
    """A class; calling it makes an object there."""

    __slots__ = ()

    @property
    def __name__(self) -> str:
        return self._reference.name

    def __bool__(self) -> bool:
        return True

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance_of_stand_in(value) and self._link.ask("is_instance", value, self) is True

    def __subclasscheck__(self, value: Any) -> bool:
        return isinstance_of_stand_in(value) and self._link.ask("is_subclass", value, self) is True


def isinstance_of_stand_in(value: Any) -> bool:
    """Say whether a value is a stand-in, by its true type."""
    return issubclass(type(value), StandIn)


class IteratorStandIn(StandIn):
    """A generator or another iterator of Python's; gives its items one by one, up to a limit."""

    __slots__ = ("_given",)

    def __init__(self, link: Link, reference: Reference) -> None:
        super().__init__(link, reference)
        object.__setattr__(self, "_given", 0)

    def __iter__(self) -> "IteratorStandIn":
        return self

    def __next__(self) -> Any:
        if self._given >= MOST_GIVEN:
            raise RuntimeError(f"an iterator gave more than {MOST_GIVEN} items: has it no end?")
        object.__setattr__(self, "_given", self._given + 1)
        return _next(self)


class ObjectStandIn(StandIn):
    """An object of a class of the student's, or of a library's."""

    __slots__ = ()

    @property
    def __class__(self) -> type:
        """The nearest class of torch's that it derives from, so that `isinstance` finds it."""
        for module, name in self._reference.bases:
            known = getattr(sys.modules.get(module), name, None)
            if module.split(".")[0] == "torch" and isinstance(known, type):
                return known
        return type(self)

    @__class__.setter
    def __class__(self, kind: type) -> None:
        raise TypeError("the class of an object of the student's cannot be changed")

    def __iter__(self) -> Any:
        return self._own("iterate")

    def __next__(self) -> Any:
        self._require("items")
        return _next(self)

    def __len__(self) -> int:
        length = self._own("length")
        if type(length) is not int or length < 0:
            raise TypeError("a length is a whole number from 0 up")
        return length

    def __getitem__(self, key: Any) -> Any:
        return self._own("get_item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._own("set_item", key, value)

    def __delitem__(self, key: Any) -> None:
        self._own("delete_item", key)

    def __contains__(self, item: Any) -> bool:
        return self._own("contains", item) is True

    def __enter__(self) -> Any:
        return self._own("enter")

    def __exit__(self, kind: type | None, error: Any, traceback: Any) -> bool:
        told = kind and next(base for base in kind.__mro__ if base.__module__ == "builtins")
        return self._own("exit", told) is True  # what it says may be the test's secret: not told

    def __copy__(self) -> Any:
        return self._own("copy")

    def __deepcopy__(self, memo: Any) -> Any:
        return self._own("deep_copy")

    def _require(self, what: str) -> None:
        if not self._link.is_instructors(self._reference):
            raise TypeError(
                f"your result is an object of class `{self._reference.name}`; a test takes {what} "
                "only from plain data (a number, a list, an array, …)"
            )

    def _own(self, name: str, *arguments: Any) -> Any:
        self._require(name.replace("_", " "))
        return self._link.ask(name, self, *arguments)


def _next(stand_in: StandIn) -> Any:
    found = stand_in._link.ask("next", stand_in)
    if type(found) is not tuple or len(found) > 1:
        raise TypeError("an iterator gives one item at a time")
    if not found:
        raise StopIteration
    return found[0]


_BINARY = (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow"),
    *("and", "or", "xor", "lshift", "rshift"),
)
_UNARY = ("neg", "pos", "abs", "invert")
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def _arithmetic(name: str) -> Callable[..., Any]:
    def apply(self: ObjectStandIn, *others: Any) -> Any:
        self._require("operators")
        done, result = self._link.ask("operate", self, name, *others)
        return result if done is True else NotImplemented

    return apply


def _comparison(name: str) -> Callable[[ObjectStandIn, Any], Any]:
    """Compare two objects of the instructor's classes; never one with plain data."""

    def compare(self: ObjectStandIn, other: Any) -> Any:
        if self is other and name in ("eq", "ne"):
            return name == "eq"
        if not isinstance_of_stand_in(other):
            if other is None and name in ("eq", "ne"):
                return name == "ne"
            raise TypeError(
                f"an object of class `{self._reference.name}` is compared with plain data: "
                "compare its values instead"
            )
        self._require("operators")
        done, result = self._link.ask("operate", self, f"__{name}__", other)
        return result is True if done is True else NotImplemented

    return compare


for _name in (*_BINARY, *_UNARY, *("r" + name for name in _BINARY)):
    setattr(ObjectStandIn, f"__{_name}__", _arithmetic(f"__{_name}__"))
for _name in _COMPARISONS:
    setattr(ObjectStandIn, f"__{_name}__", _comparison(_name))
ObjectStandIn.__hash__ = StandIn.__hash__  # type: ignore[method-assign]

_CLASSES: dict[str, type[StandIn]] = {
    "function": FunctionStandIn,
    "class": ClassStandIn,
    "iterator": IteratorStandIn,
    "object": ObjectStandIn,
}


def make_stand_in(link: Link, reference: Reference) -> StandIn:
    """Make what stands for an object of the student's process.

    Its class has the name of the object's, so that the checks can name it in their messages.

    Args:
        link: the way there.
        reference: the object.

    Returns:
        The stand-in.

    Raises:
        KeyError: the reference is of no known kind.
    """
    return _named_class(reference.kind, reference.name)(link, reference)


@functools.lru_cache(maxsize=1000)
def _named_class(kind: str, name: str) -> type[StandIn]:
    base = _CLASSES[kind]
    if kind in ("function", "class"):
        return base
    return type(name if name.isidentifier() else "Unnamed", (base,), {"__slots__": ()})
