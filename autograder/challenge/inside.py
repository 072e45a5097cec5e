"""The process behind the wall: takes one file and the pictures, gives numbers or a sentence.

Started by `autograder.challenge.confined` with one socket. It goes behind the wall first; only
then does it read the file, and only there are the libraries that take it apart.
"""

import importlib
import json
import math
import os
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np

from autograder.challenge.errors import Refused
from autograder.challenge.predictions import read_predictions
from autograder.challenge.rules import EXPORT, Asked, check_model
from autograder.challenge.running import Runner
from autograder.engines.judge.channel import HELLO, REFUSED, receive_json, send_json
from autograder.engines.judge.confine import ConfinementError, Limits, confine


def main(settings: dict[str, Any], connection: socket.socket) -> None:
    """Go behind the wall, serve one job, end.

    Args:
        settings: the wall, what is shown and imported behind it, and the limits.
        connection: to the process outside.
    """
    try:
        paths = [Path(path) for path in settings["read_only"]]
        limits = Limits(**settings["limits"])
        confine(settings["wall"], connection.fileno(), paths, {}, limits)
        # Python knows what its own folders hold; behind the weaker wall it could not look again
        sys.path.insert(0, settings["packages"])
        for module in settings["modules"]:
            importlib.import_module(module)
    except (ConfinementError, ImportError) as error:
        connection.sendall(REFUSED + f"{error}".encode())
        return
    connection.sendall(HELLO)
    job = receive_json(connection)
    content = receive_bytes(connection, job["bytes"])
    try:
        result = _score(job, content, connection)
    except Refused as refused:
        send_json(connection, {"problem": refused.problem, "cure": refused.cure})
    except MemoryError:
        send_json(connection, {"memory": True})
    except Exception as error:  # a library stumbled over the file where no rule foresaw it
        said = f"The file cannot be worked with ({type(error).__name__})."
        send_json(connection, {"problem": said, "cure": EXPORT})
    else:
        send_json(connection, {"shape": result.shape, "dtype": result.dtype.name})
        connection.sendall(result.tobytes())
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(2**20):  # pictures that came for nothing, till the one outside closes
        pass


def _score(job: dict[str, Any], content: bytes, connection: socket.socket) -> np.ndarray:
    if job["kind"] == "predictions":
        return read_predictions(content, job["pictures"], job["classes"])
    asked = Asked(**job["asked"])
    runner = Runner(check_model(content, asked), asked)
    send_json(connection, {"ready": True})
    return runner.scores(job["pictures"], lambda number: _pictures(connection, asked, number))


def _pictures(connection: socket.socket, asked: Asked, number: int) -> np.ndarray:
    shape = (number, asked.channels, asked.size, asked.size)
    return np.frombuffer(receive_bytes(connection, math.prod(shape)), np.uint8).reshape(shape)


def receive_bytes(connection: socket.socket, length: int) -> bytes:
    """Receive exactly so many bytes.

    Raises:
        EOFError: the other side is gone.
    """
    data = bytearray(length)
    view, place = memoryview(data), 0
    while place < length:
        number = connection.recv_into(view[place:], min(2**20, length - place))
        if not number:
            raise EOFError("the other process has ended")
        place += number
    view.release()
    return bytes(data)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
    os._exit(0)
