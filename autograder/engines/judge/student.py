"""The student's process: runs the cells of a submission and does what the judge asks for.

It never sees a test cell. Nothing that it says is trusted, so nothing here protects it from the
student's code: that code can at most make this process answer nonsense, or end it.
"""

import builtins
import contextlib
import copy
import functools
import inspect
import itertools
import os
import signal
import socket
import sys
import tracemalloc
import types
from collections.abc import Callable, Iterator
from typing import Any

from autograder.engines.judge import faults, seeds, wire
from autograder.engines.judge.peer import Peer, PeerError
from autograder.engines.judge.shell import CellShell
from autograder.engines.judge.wire import Reference
from helpers.withheld import Guards

MOST_WRAPPINGS = 100
_ITERATORS = (types.GeneratorType, map, filter, zip, enumerate, reversed)
_FUNCTIONS = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    functools.partial,
)


class StudentServer:
    """Serves one submission.

    Args:
        connection: the socket to the judge.
        shell: a warm shell in which no cell has run.
        guards: of the functions that the week withholds.
    """

    def __init__(self, connection: socket.socket, shell: CellShell, guards: Guards) -> None:
        self.shell = shell
        self.guards = guards
        self.objects: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.free = itertools.count(1)
        self.leaves: dict[int, Any] = {}
        self.leaf_numbers: dict[int, int] = {}
        self.callbacks: dict[int, Callable[..., Any]] = {}
        self.busy = False
        self.peer = Peer(
            connection,
            refer=self._refer,
            resolve=self._resolve,
            serve=self._serve,
            explain=self._explain,
            revive=_revive,
        )

    def run(self) -> None:
        """Serve the judge until it is gone, then end the process."""
        signal.signal(signal.SIGINT, self._interrupted)
        seeds.start()
        try:
            self.peer.serve_forever()
        except PeerError:
            pass
        finally:
            os._exit(0)

    def _interrupted(self, *_: Any) -> None:
        """Stop the student's code; between two requests there is nothing to stop."""
        if self.busy:
            raise KeyboardInterrupt

    def _serve(self, name: str, arguments: tuple) -> Any:
        outer, self.busy = self.busy, True
        try:
            return _SERVICES[name](self, *arguments)
        finally:
            self.busy = outer

    def _refer(self, value: Any) -> Reference | None:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor) and value.requires_grad:
            if id(value) in self.leaf_numbers:
                return Reference("judge", self.leaf_numbers[id(value)], "graph", "")
            return None if value.is_leaf else Reference("student", self._number(value), "graph", "")
        if type(value) is Callback:
            return Reference("judge", value.number, "function", "function")
        return describe_object(value, self._number(value))

    def _number(self, value: Any) -> int:
        number = self.numbers.get(id(value))
        if number is None:
            number = next(self.free)
            self.objects[number] = value
            self.numbers[id(value)] = number
        return number

    def _leaf(self, number: int, value: Any) -> Any:
        """Take an argument that needs a gradient as the beginning of a graph."""
        leaf = value.requires_grad_()
        self.leaves[number] = leaf
        self.leaf_numbers[id(leaf)] = number
        return leaf

    def backward(self, number: int, gradient: Any, leaves: list[int]) -> list[Any]:
        """Run a backward pass from a tensor that the judge was given."""
        from autograder.engines.judge.gradients import backward

        return backward(self.objects[number], gradient, [self.leaves[leaf] for leaf in leaves])

    def _resolve(self, reference: Reference) -> Any:
        if reference.kind == "graph":
            if reference.home == "student":
                return lambda value: self.objects[reference.number]
            return functools.partial(self._leaf, reference.number)
        if reference.home == "student":
            return self.objects[reference.number]
        if reference.number not in self.callbacks:
            made = Callback(self.peer, reference.number, reference.name)
            self.callbacks[reference.number] = made
        return self.callbacks[reference.number]

    def _explain(self, error: BaseException) -> tuple:
        if isinstance(error, wire.NotSendableError):
            error = wire.NotSendableError(f"your result cannot be handed over: {error}")
        number = getattr(error, "__dict__", {}).get("number_in_judge")
        places = [
            (cell, line + self.shell.blank.get(cell, 0), function)
            for cell, line, function in faults.places_in_cells(error, self.shell.cells)
        ]
        return faults.describe(error, places, number)

    def run_cell(self, index: int, source: str, is_given: bool) -> dict[str, Any]:
        """Run a cell; what it raised and showed is part of the answer."""
        with self.guards.lifted() if is_given else contextlib.nullcontext():
            error = self.shell.run(index, source)
        return {
            "error": None if error is None else self._explain(error),
            "outputs": self.shell.outputs.taken(),
            "truncated": self.shell.outputs.truncated,
        }

    def look_up(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Give those of the names that are bound; what cannot be sent stays here."""
        found = {name: self.shell.user_ns[name] for name in names if name in self.shell.user_ns}
        return {name: _Sendable(self._refer).checked(value) for name, value in found.items()}

    def call(self, function: Any, args: tuple, kwargs: dict[str, Any], send_back: bool) -> Any:
        """Call a function; with `send_back` the arguments come back as they are afterwards."""
        result = function(*args, **kwargs)
        return (result, args, kwargs) if send_back else result

    def place_of(self, function: Any) -> tuple[int, int] | None:
        """Say in which cell and line the code of a function begins."""
        code = getattr(_undecorated(function), "__code__", None)
        if type(code) is not types.CodeType or code.co_filename not in self.shell.cells:
            return None
        cell = self.shell.cells[code.co_filename]
        return cell, code.co_firstlineno + self.shell.blank[cell]

    def measured(self, function: Any, args: tuple, kwargs: dict[str, Any]) -> tuple[Any, int]:
        """Call a function and measure in bytes what it takes at its peak, result included."""
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            result = function(*args, **kwargs)
            return result, tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()

    def next(self, iterator: Any) -> tuple:
        """Give the next item in a tuple, or an empty one at the end."""
        try:
            return (next(iterator),)
        except StopIteration:
            return ()

    def operate(self, value: Any, name: str, *others: Any) -> tuple[bool, Any]:
        """Apply an operator's method; the first item says whether it is defined for these."""
        result = getattr(value, name)(*others)
        return (False, None) if result is NotImplemented else (True, result)

    def forget(self, held: tuple[int, ...]) -> bool:
        """Drop what was printed and referred to, but for what the judge still holds.

        Returns:
            Whether more was printed than is kept.
        """
        truncated = self.shell.outputs.truncated
        self.shell.outputs.clear()
        self.objects = {number: self.objects[number] for number in held}
        self.numbers = {id(value): number for number, value in self.objects.items()}
        self.callbacks.clear()
        self.leaves.clear()
        self.leaf_numbers.clear()
        return truncated


_SERVICES: dict[str, Callable[..., Any]] = {
    "run_cell": StudentServer.run_cell,
    "look_up": StudentServer.look_up,
    "call": StudentServer.call,
    "measured": StudentServer.measured,
    "place_of": StudentServer.place_of,
    "next": StudentServer.next,
    "operate": StudentServer.operate,
    "forget": StudentServer.forget,
    "backward": StudentServer.backward,
    "displaced": lambda self: tuple(self.guards.displaced()),
    "seed": lambda self, states: seeds.restore(states),
    "get_attribute": lambda self, value, name: getattr(value, name),
    "set_attribute": lambda self, value, name, new: setattr(value, name, new),
    "delete_attribute": lambda self, value, name: delattr(value, name),
    "get_item": lambda self, value, key: value[key],
    "set_item": lambda self, value, key, new: value.__setitem__(key, new),
    "delete_item": lambda self, value, key: value.__delitem__(key),
    "contains": lambda self, value, item: item in value,
    "length": lambda self, value: len(value),
    "iterate": lambda self, value: iter(value),
    "enter": lambda self, value: value.__enter__(),
    "exit": lambda self, value, kind: bool(value.__exit__(kind, _raised(kind), None)),
    "copy": lambda self, value: copy.copy(value),
    "deep_copy": lambda self, value: copy.deepcopy(value),
    "is_instance": lambda self, value, kind: isinstance(value, kind),
    "is_subclass": lambda self, value, kind: issubclass(value, kind),
}


def _undecorated(function: Any) -> Any:
    """Give the function that a decorator, `partial` or a method goes back to."""
    for _ in range(MOST_WRAPPINGS):
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif not isinstance(function, type) and hasattr(function, "__wrapped__"):
            function = function.__wrapped__
    return function


class Callback:
    """A function of the judge's."""

    def __init__(self, peer: Peer, number: int, name: str) -> None:
        self.number = number
        self.__name__ = self.__qualname__ = name
        self._peer = peer

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        return self._peer.request("call_back", self.number, args, kwargs)


class _Sendable:
    """Finds out whether a value can be sent; one that cannot is sent as a reference."""

    def __init__(self, refer: wire.Refer) -> None:
        self.refer = refer

    def checked(self, value: Any) -> Any:
        try:
            wire.dump(value, self.refer)
        except wire.NotSendableError:
            return types.SimpleNamespace(too_large=value)
        return value


def describe_object(value: Any, number: int) -> Reference:
    """Say what an object is, as the judge is told.

    Args:
        value: the object.
        number: its number.

    Returns:
        The reference to send.
    """
    kind = type(value)
    if isinstance(value, type):
        is_exception = issubclass(value, BaseException)
        return Reference(
            "student",
            number,
            "exception" if is_exception else "class",
            value.__name__,
            tuple(_bases(value)),
        )
    if issubclass(kind, _FUNCTIONS):
        name = getattr(value, "__name__", None)
        shown = name if isinstance(name, str) else "function"
        return Reference("student", number, "function", shown)
    if issubclass(kind, _ITERATORS) or (kind.__module__ in ("builtins", "itertools") and hasattr(
        kind, "__next__"
    )):  # fmt: skip
        return Reference("student", number, "iterator", kind.__name__)
    return Reference("student", number, "object", kind.__name__, tuple(_bases(kind)))


def _bases(kind: type) -> Iterator[tuple[str, str]]:
    for base in type.mro(kind)[: faults.MOST_BASES]:
        yield str(base.__module__)[:100], str(base.__qualname__)[:100]


def _raised(kind: type[BaseException] | None) -> BaseException | None:
    """Make an exception as the one that ended a `with` block of the judge's, without its text."""
    if kind is None:
        return None
    try:
        return kind()
    except TypeError:  # one of the few that cannot be made of nothing
        return Exception()


def _revive(description: Any) -> BaseException:
    """Make an exception of the judge's, marked so that the judge knows it again."""
    name, _, text, _, number = description
    kind = getattr(builtins, name, None)
    error: Any = RuntimeError(f"{name}: {text}")
    if inspect.isclass(kind) and issubclass(kind, Exception):
        with contextlib.suppress(TypeError):
            error = kind(text)
    error.number_in_judge = number
    return error
