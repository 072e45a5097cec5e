"""Two processes that ask each other over one socket: requests, replies, and requests meanwhile.

Both sides are the same: whoever waits for a reply serves the other's requests until it comes, so
that a function of one side can be called back by the other to any depth. The judge sets deadlines;
what does not come in time, is cut off or is no message ends the connection for good.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from autograder.engines.judge import wire

REQUEST, REPLY, FAILURE = "request", "reply", "failure"
MOST_NESTED = 60
CHUNK = 2**20
AT_ONCE = 2**16  # bytes that are asked for at least: most messages come as a whole


class PeerError(Exception):
    """The connection has ended; nothing more will come from the other side."""


class OverdueError(PeerError):
    """The other side did not answer in time."""


class Peer:
    """One end of the connection.

    Args:
        connection: a stream socket.
        refer: see `wire.dump`.
        resolve: see `wire.load`.
        serve: answers a request of the other side, given its name and its arguments.
        explain: what is sent for an exception that `serve` raised.
        revive: the exception for what `explain` of the other side sent.
        on_overdue: called once when a deadline has passed; it may move the deadline.
    """

    def __init__(
        self,
        connection: socket.socket,
        *,
        refer: wire.Refer,
        resolve: wire.Resolve,
        serve: Callable[[str, tuple], Any],
        explain: Callable[[BaseException], tuple],
        revive: Callable[[Any], BaseException],
        on_overdue: Callable[[], None] | None = None,
    ) -> None:
        self.connection = connection
        self.deadline: float | None = None
        self.ended: PeerError | None = None
        self._refer = refer
        self._resolve = resolve
        self._serve = serve
        self._explain = explain
        self._revive = revive
        self._on_overdue = on_overdue
        self._nested = 0
        self._come = bytearray()  # and not read yet

    def request(self, name: str, *arguments: Any) -> Any:
        """Ask the other side and wait for its reply.

        Args:
            name: what is asked for.
            *arguments: sent by value where that is possible, else by reference.

        Returns:
            What it replied.

        Raises:
            PeerError: the connection has ended, now or before.
            NotSendableError: an argument is too large.
            Exception: what the other side raised, as `revive` makes it.
        """
        with self._deeper():
            self._send((REQUEST, name, arguments))
            while True:
                kind, *parts = self._receive()
                if kind == REQUEST:
                    self._answer(parts)
                elif kind == REPLY:
                    return parts[0]
                else:
                    raise self._revive(parts[0])

    def serve_forever(self) -> None:
        """Answer requests until the other side is gone.

        Raises:
            PeerError: when it is.
        """
        while True:
            kind, *parts = self._receive()
            if kind != REQUEST:
                self.end(PeerError("a reply that nobody waits for"))
            self._answer(parts)

    def end(self, error: PeerError) -> None:
        """Close the connection for good.

        Args:
            error: why; every later request raises it.

        Raises:
            PeerError: always, `error`.
        """
        self.ended = self.ended or error
        self.connection.close()
        raise self.ended

    @contextlib.contextmanager
    def _deeper(self) -> Iterator[None]:
        if self._nested >= MOST_NESTED:
            raise RecursionError("functions call each other to and fro without end")
        self._nested += 1
        try:
            yield
        finally:
            self._nested -= 1

    def _answer(self, parts: list[Any]) -> None:
        name, arguments = parts
        try:
            with self._deeper():
                message = wire.dump((REPLY, self._serve(name, arguments)), self._refer)
        except PeerError:
            raise
        except BaseException as error:
            message = wire.dump((FAILURE, self._explain(error)), self._refer)
        self._send_bytes(message)

    def _send(self, message: tuple) -> None:
        if self.ended:
            raise self.ended
        self._send_bytes(wire.dump(message, self._refer))

    def _send_bytes(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._set_timeout()
            try:
                view = view[self.connection.send(view[:CHUNK]) :]
            except TimeoutError:
                continue
            except OSError:
                self.end(PeerError("the other process has ended"))

    def _receive(self) -> tuple:
        if self.ended:
            raise self.ended
        try:
            tree, raw = wire.sizes(bytes(self._read(wire.HEADER.size)))
            message = wire.load(self._read(tree), self._read(raw), self._resolve)
            return _checked(message)
        except (wire.WireError, MemoryError) as error:
            self.end(PeerError(f"what came is no message: {error}"))
            raise

    def _read(self, length: int) -> memoryview:
        """Read exactly so many bytes; memory is taken as they come, not as they are announced."""
        while len(self._come) < length:
            self._set_timeout()
            try:
                piece = self.connection.recv(min(CHUNK, max(AT_ONCE, length - len(self._come))))
            except TimeoutError:
                continue
            except OSError:
                piece = b""
            if not piece:
                self.end(PeerError("the other process has ended"))
            self._come += piece
        data = self._come
        if len(data) == length:
            self._come = bytearray()
        else:
            data = data[:length]
            del self._come[:length]
        return memoryview(data)

    def _set_timeout(self) -> None:
        if self.ended:
            raise self.ended
        if self.deadline is None:
            return
        if time.monotonic() >= self.deadline:
            before = self.deadline
            if self._on_overdue is not None:
                self._on_overdue()
            if self.deadline <= before:
                self.end(OverdueError("no answer in time"))
        self.connection.settimeout(max(0.001, self.deadline - time.monotonic()))


def _checked(message: Any) -> tuple:
    if type(message) is tuple and message:
        if message[0] == REQUEST and len(message) == 3:
            if type(message[1]) is str and type(message[2]) is tuple:
                return message
        elif message[0] in (REPLY, FAILURE) and len(message) == 2:
            return message
    raise wire.WireError("neither a request nor a reply")
