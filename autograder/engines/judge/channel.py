"""What the engine, the warm processes and the judges say to each other: JSON, and descriptors."""

import array
import json
import os
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("<Q")
_CREDENTIALS = struct.Struct("3i")
HELLO, REFUSED = b"+", b"-"
MOST_REASON = 500


def send_json(connection: socket.socket, value: Any) -> None:
    """Send a value, its length before it."""
    data = json.dumps(value, allow_nan=False).encode()
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive_json(connection: socket.socket) -> Any:
    """Receive a value.

    Raises:
        EOFError: the other side is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = connection.recv(min(2**20, length - len(data)))
        if not piece:
            raise EOFError("the other process has ended")
        data += piece
    return bytes(data)


def send_descriptors(connection: socket.socket, message: bytes, descriptors: list[int]) -> None:
    """Send a message with open files."""
    socket.send_fds(connection, [message], descriptors)


def receive_descriptors(connection: socket.socket, number: int) -> tuple[bytes, list[int]]:
    """Receive a message with open files.

    Raises:
        EOFError: the other side is gone.
    """
    message, descriptors, _, _ = socket.recv_fds(connection, 4096, number)
    if not message:
        raise EOFError("the other process has ended")
    return message, descriptors


def listen_for_hello(connection: socket.socket) -> None:
    """Have the kernel say who sends on this socket; before the sender is started."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)


def receive_hello(connection: socket.socket) -> int:
    """Wait for a process's first byte.

    Args:
        connection: a socket with `listen_for_hello`.

    Returns:
        A pidfd of the process that sent it, whatever namespace it is in.

    Raises:
        OSError: the process ended before, or could not be confined; the text says why.
    """
    space = socket.CMSG_SPACE(_CREDENTIALS.size)
    message, ancillary, _, _ = connection.recvmsg(1, space)
    if message != HELLO:
        said = b"" if not message else connection.recv(MOST_REASON)
        raise OSError(said.decode("utf-8", "replace") or "a process ended before it began")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            process, _, _ = _CREDENTIALS.unpack(array.array("B", data)[: _CREDENTIALS.size])
            return os.pidfd_open(process)
    raise OSError("the kernel does not say who sent a message")
