"""The judge's side of one student's process: stand-ins, call-backs, time limits, write-back."""

import contextlib
import itertools
import os
import signal
import socket
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from autograder.engines.judge import faults, seeds
from autograder.engines.judge.peer import OverdueError, Peer, PeerError
from autograder.engines.judge.standin import StandIn, make_stand_in
from autograder.engines.judge.wire import NotSendableError, Reference, WireError
from autograder.engines.judge.writeback import write_back

SECONDS_OF_GRACE = 2.0  # between asking the student's code to stop and killing it
SECONDS_TO_FORGET = 10.0
MOST_CALLBACKS = 100_000
MOST_ERRORS = 1_000  # of call-backs, in one test


class Session:
    """One student's process, as long as it lives.

    Args:
        connection: the socket to it.
        process: a pidfd of it, closed with the session.
        own_classes: the names of the classes that the instructor's cells define.
    """

    def __init__(
        self, connection: socket.socket, process: int, own_classes: frozenset[str]
    ) -> None:
        self.own_classes = own_classes
        self.in_place = False
        self.timed_out = False
        self.truncated = False
        self.failure: PeerError | None = None
        self._paths: dict[int, tuple[str, ...]] = {}
        self._process = process
        self._stand_ins: weakref.WeakValueDictionary[int, StandIn] = weakref.WeakValueDictionary()
        self._exceptions: dict[str, type[Exception]] = {}
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._callback_numbers: dict[int, int] = {}
        self._own_errors: dict[int, BaseException] = {}
        self._peaks: list[int] | None = None
        self._inputs: dict[int, Any] = {}  # tensors sent with the call of the moment
        self._tensors = itertools.count(1)
        self._outputs: dict[int, tuple[Any, int, dict[int, Any]]] = {}
        self.seeded = False
        self.peer = Peer(
            connection,
            refer=self._refer,
            resolve=self._resolve,
            serve=self._serve,
            explain=self._explain,
            revive=lambda description: faults.revive(description, self._own_errors.get),
            on_overdue=self._overdue,
        )

    @contextlib.contextmanager
    def cell(self, seconds: float, *, in_place: bool = False) -> Iterator[None]:
        """Give everything that is asked for inside so many seconds together.

        Args:
            seconds: how many.
            in_place: whether changes that calls make to their arguments are written back.
        """
        self.timed_out, self.truncated, self.failure = False, False, None
        self.in_place = in_place
        self.peer.deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self.in_place = False
            self._forget()
            self._callbacks.clear()
            self._callback_numbers.clear()
            self._own_errors.clear()
            self._outputs.clear()
            self._exceptions.clear()

    def _forget(self) -> None:
        """Have the process drop all objects but those that the judge still holds."""
        if self.peer.ended:
            return
        overdue, self.timed_out = self.timed_out, True  # nothing runs there that could be stopped
        held = tuple(self._stand_ins)
        self._paths = {n: path for n, path in self._paths.items() if n in held}
        patience = SECONDS_OF_GRACE if overdue else SECONDS_TO_FORGET
        self.peer.deadline = time.monotonic() + patience
        with contextlib.suppress(Exception):
            self.truncated = self.peer.request("forget", held) is True
        self.timed_out = overdue

    def run_cell(self, index: int, source: str, *, is_given: bool) -> dict[str, Any]:
        """Run a cell there; gives "error", "outputs" and "truncated" as they came, unchecked."""
        result = self.ask("run_cell", index, source, is_given)
        return result if type(result) is dict else {}

    def look_up(self, names: list[str]) -> dict[str, Any]:
        """Give those of some names that are bound there."""
        found = self.ask("look_up", tuple(names))
        if type(found) is not dict:
            self.failure = PeerError("names were asked for, and something else came")
            self.peer.end(self.failure)
        for name, value in found.items():
            if issubclass(type(value), StandIn):
                self._paths[value._reference.number] = (name,)
        return {name: found[name] for name in names if name in found}

    def ask(self, name: str, *arguments: Any) -> Any:
        """Have something done there.

        Args:
            name: what.
            *arguments: with what.

        Returns:
            What came back.

        Raises:
            PeerError: the process has ended, or the time is over.
            Exception: what the student's code raised.
        """
        try:
            if self.timed_out:
                raise OverdueError("the time is over")
            outer, self._inputs = self._inputs, {}
            try:
                result = self.peer.request(name, *arguments)
                if name == "get_attribute" and issubclass(type(result), StandIn):
                    self._paths[result._reference.number] = self._path_in(*arguments)
                return result
            finally:
                self._inputs = outer
                if self.timed_out:
                    raise OverdueError("the time is over")
        except PeerError as error:
            self.failure = error
            raise

    def call(self, function: StandIn, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Have a function called there."""
        if self.seeded:
            self.seeded = False
            self.ask("seed", seeds.states())
        if self._peaks is not None:
            result, peak = self.ask("measured", function, args, kwargs)
            self._peaks.append(peak if type(peak) is int else 2**62)
            return result
        if not self.in_place:
            return self.ask("call", function, args, kwargs, False)
        result, after, after_named = self.ask("call", function, args, kwargs, True)
        write_back(args, after)
        write_back(kwargs, after_named)
        return result

    def path_of(self, stand_in: StandIn) -> tuple[str, ...]:
        """Give the names by which an answer's cell defines something: a class, then a method."""
        reference = stand_in._reference
        return self._paths.get(reference.number, (reference.name,))

    def place_of(self, stand_in: StandIn) -> tuple[int, int] | None:
        """Give the cell and line where its code begins, as the student's process tells it."""
        try:
            told = self.ask("place_of", stand_in)
        except PeerError:
            raise
        except Exception:
            return None
        return told if type(told) is tuple and list(map(type, told)) == [int, int] else None

    def _path_in(self, owner: StandIn, attribute: str) -> tuple[str, ...]:
        reference = owner._reference
        if reference.kind == "object" and reference.bases:
            return (reference.name, attribute)
        return (*self.path_of(owner), attribute)

    @contextlib.contextmanager
    def writing_back(self) -> Iterator[None]:
        """Write back what calls inside change in their arguments."""
        before, self.in_place = self.in_place, True
        try:
            yield
        finally:
            self.in_place = before

    @contextlib.contextmanager
    def measuring(self) -> Iterator[list[int]]:
        """Measure the memory that each call inside takes at its peak, in bytes."""
        before, self._peaks = self._peaks, []
        try:
            yield self._peaks
        finally:
            self._peaks = before

    def is_instructors(self, reference: Reference) -> bool:
        """Say whether an object is of a class that the instructor's cells define."""
        return any(name in self.own_classes for _, name in reference.bases)

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self.signal(signal.SIGKILL)
        self.peer.ended = self.peer.ended or PeerError("the process was ended")
        self.peer.connection.close()
        if self._process >= 0:
            os.close(self._process)
            self._process = -1

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        if self._process >= 0:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._process, number)

    def overdue(self) -> None:
        """Give the process up because the time is over.

        Raises:
            OverdueError: always.
        """
        self.timed_out = True
        self.failure = self.peer.ended = OverdueError("the time is over")
        raise self.failure

    def _overdue(self) -> None:
        """Ask the student's code to stop at the first deadline; there is no third."""
        if not self.timed_out:
            self.timed_out = True
            self.signal(signal.SIGINT)
            self.peer.deadline = time.monotonic() + SECONDS_OF_GRACE

    def _serve(self, name: str, arguments: tuple) -> Any:
        if name != "call_back" or len(arguments) != 3:
            self.peer.end(PeerError("the judge was asked for what it does not do"))
        number, args, kwargs = arguments
        if type(args) is not tuple or type(kwargs) is not dict:
            self.peer.end(PeerError("a call-back without arguments"))
        function = self._callbacks.get(number) if type(number) is int else None
        if function is None:
            raise LookupError("this function belongs to a test that has ended")
        return function(*args, **kwargs)

    def _explain(self, error: BaseException) -> tuple:
        """Describe the judge's own exception without what it says: that may be meant to be kept."""
        number = len(self._own_errors) + 1
        if number <= MOST_ERRORS:
            self._own_errors[number] = error
        name, bases, _, _, _ = faults.describe(error, [], number)
        text = str(error) if isinstance(error, NotSendableError) else ""
        return (name, bases, text, [], number)

    def _refer(self, value: Any) -> Reference | None:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            if id(value) in self._outputs:
                _, output, inputs = self._outputs[id(value)]
                self._inputs |= inputs  # the graph there goes on to what that one came from
                return Reference("student", output, "graph", "")
            leaf = next(self._tensors)
            self._inputs[leaf] = value
            return Reference("judge", leaf, "graph", "")
        if issubclass(type(value), StandIn):
            if value._link is not self:
                raise PeerError("what this test holds was lost with an earlier process")
            return value._reference
        if not callable(value) or isinstance(value, type):
            raise NotSendableError(
                f"an object of class {type(value).__name__} cannot be handed to a student's code"
            )
        number = self._callback_numbers.get(id(value))
        if number is None:
            if len(self._callbacks) >= MOST_CALLBACKS:
                raise NotSendableError("too many functions were handed over in one test")
            number = len(self._callbacks) + 1
            self._callbacks[number] = value
            self._callback_numbers[id(value)] = number
        name = getattr(value, "__name__", None)
        return Reference("judge", number, "function", name if type(name) is str else "function")

    def _adopt(self, number: int) -> Callable[[Any], Any]:
        """Give what puts a student's tensor into the judge's graph."""
        from autograder.engines.judge.gradients import bridge

        def adopt(value: Any) -> Any:
            made = bridge(self, number, value, self._inputs)
            self._outputs[id(made)] = (made, number, self._inputs)
            return made

        return adopt

    def _resolve(self, reference: Reference) -> Any:
        if reference.kind == "graph":
            return self._adopt(reference.number)
        if reference.home == "judge":
            function = self._callbacks.get(reference.number)
            if function is None:
                raise WireError("an unknown function of the judge's")
            return function
        if reference.home != "student":
            raise WireError("an unknown process")
        if reference.kind == "exception":
            if reference.name not in self._exceptions:
                made = faults.exception_class(reference.name, reference.bases)
                self._exceptions[reference.name] = made
            return self._exceptions[reference.name]
        stand_in = self._stand_ins.get(reference.number)
        if stand_in is None or stand_in._reference != reference:
            stand_in = make_stand_in(self, reference)
            self._stand_ins[reference.number] = stand_in
        return stand_in
