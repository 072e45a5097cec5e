"""More hostile submissions of week 0: disguises, forged messages, odd bytes."""

import json
from pathlib import Path

from attack import Attack, Notebook, grade_id, own_cell
from week00 import KEPT, KEPT_POINTS, plain

# Draws the board by loops, which the exercise forbids; a disguise comes behind it.
LOOPS = """
def loops(resolution, tile):
    board = np.zeros((resolution, resolution))
    for y in range(resolution):
        for x in range(resolution):
            board[y, x] = (y // tile + x // tile) % 2
    return board
"""


def disguised(name: str, tries: str, disguise: str) -> Attack:
    """Make an attack whose answer loops and is said not to."""
    return Attack(name, tries, KEPT_POINTS, {"checkerboard": LOOPS + disguise}, KEPT)


FORGED = """
import os, stat, struct, msgpack

def forge(tree, raw=b"", times=1):
    tree = msgpack.packb(tree)
    data = struct.pack("<4sIQ", b"DLJ1", len(tree), len(raw)) + tree + raw
    for number in range(3, 64):
        try:
            is_socket = stat.S_ISSOCK(os.fstat(number).st_mode)
        except OSError:
            continue
        left = data * times if is_socket else b""
        while left:
            left = left[os.write(number, left):]
"""
FORGED_BOARDS = """
raw = np.array([[0, 0, 1, 1]] * 2 + [[1, 1, 0, 0]] * 2, float).tobytes()
forge([1, ["reply", [7, "<f8", [4, 4], 0, len(raw), True]]], raw, times=50)
return None
"""
ONE_HASH = """
def written(number):
    size = number.bit_length() // 8 + 1
    return [6, number.to_bytes(size, "little", signed=True)] if number >= 2**63 else number
forge([1, ["reply", [3, [written(k * (2**61 - 1)) for k in range(1, 200_000)]]]])
"""
OUT_OF_BOUNDS = """
generator = np.random.Generator(np.random.MT19937(1))
state = generator.bit_generator.state
state["state"]["pos"] = 10**9
generator.bit_generator.state = state
return generator
"""
TERMINAL = (
    'raise ValueError("\\x1b]0;owned\\x07\\x1b[2J\\u202e01/01\\x00\\ud800<svg onload=alert(1)>\\r")'
)
NAMED = 'raise type("E\\x1b[31m<script>ATTACKED</script>" + "x" * 5000, (Exception,), {})("a")'
CHAINED = """
error = ValueError("a")
for _ in range(20_000):
    error, error.__cause__ = ValueError("b"), error
raise error
"""
BOMBS = """
import base64, struct, zlib
from IPython.display import display
def chunk(kind, data):
    end = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + end
def show(side, *chunks):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    picture = b"\\x89PNG\\r\\n\\x1a\\n" + head + b"".join(chunks) + chunk(b"IEND", b"")
    display({"image/png": base64.b64encode(picture).decode()}, raw=True)
show(30_000, chunk(b"IDAT", zlib.compress(bytes(30_000 * 3_751))))
text = chunk(b"zTXt", b"a\\0\\0" + zlib.compress(b"x" * 10**7))
show(1, text, chunk(b"IDAT", zlib.compress(b"\\0\\0")))
"""
MAGICS = (
    "%run /etc/passwd",
    "%%writefile {CANARY}\nhere",
    "!cat {OTHER}",
    "%%bash\ntouch {CANARY}.magic",
    "%reset -f",
)


def no_numbers(notebook: Notebook) -> None:
    """Put what is no number, no text and no picture into metadata."""
    for cell in notebook["cells"]:
        if grade_id(cell) is None:
            cell["metadata"] = {"tags": [float("nan"), ["x"], {"a": 1}]}
        cell["id"], cell["execution_count"] = "\ud800" * 100, 10**30
        cell["attachments"] = {"x": {"image/svg+xml": "<svg onload=alert('ATTACKED')>"}}
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": "x"}}
    notebook["metadata"] = {"widgets": widgets, "kernelspec": {"name": "../../x"}}
    notebook["nbformat_minor"] = -5


def half_characters(notebook: Notebook) -> None:
    """Put what UTF-8 cannot hold into texts, beside markdown that nests without end."""
    nested = "\ud800\x00\x1b[2J$" + "{" * 3000 + "}" * 3000 + "$\n" + ">" * 500 + "\n" + "[" * 3000
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = nested
        elif grade_id(cell) == "checkerboard":
            cell["source"] = ["\ud800", "x = 1\n"]


def locked_cells(notebook: Notebook) -> None:
    """Add cells that look like the instructor's, under ids that look like known ones."""
    marks = {"grade": False, "solution": False, "locked": True, "schema_version": 3}
    for name in ("t\u0435st_circle_edge", "<img src=x>\u202e\x1b[2J", "__proto__", "x" * 100_000):
        cell = own_cell("np.allclose = lambda *a, **k: True")
        cell["metadata"]["nbgrader"] = {**marks, "grade_id": name}
        notebook["cells"].insert(0, cell)


def cells_twice(notebook: Notebook, path: Path) -> None:
    """Write a second, empty list of cells behind the first."""
    path.write_text(json.dumps(notebook)[:-1] + ', "cells": [], "nbformat": 4}')


ATTACKS = [
    disguised("loops", "loops where no loop is allowed", "checkerboard = loops"),
    disguised(
        "dead-definition",
        "shows a definition that never runs",
        "checkerboard = loops\nif False:\n    def checkerboard(resolution, tile):\n        pass",
    ),
    disguised(
        "shown-method",
        "shows a method of the same name",
        "checkerboard = loops\nclass Shown:\n    def checkerboard(resolution, tile):\n        pass",
    ),
    disguised(
        "swapped-code",
        "puts other code into its function",
        "def checkerboard(resolution, tile):\n    pass\ncheckerboard.__code__ = loops.__code__",
    ),
    disguised(
        "swapped-name",
        "puts another function under its name",
        "def checkerboard(resolution, tile):\n    pass\nglobals()['checkerboard'] = loops",
    ),
    plain("forged-boards", "answers in messages of its own making", FORGED_BOARDS, FORGED),
    plain("one-hash", "sends a set whose making takes hours", ONE_HASH, FORGED),
    plain("out-of-bounds", "returns a generator that reads beyond its state", OUT_OF_BOUNDS),
    plain("terminal-codes", "commands the terminal by an error", TERMINAL),
    plain("named-error", "raises an error whose name is a script", NAMED),
    plain("chained-error", "raises an error with twenty thousand causes", CHAINED),
    plain("picture-bombs", "shows pictures that unpack to gigabytes", "return 0", last=(BOMBS,)),
    plain("magics", "has IPython start programs and write files", "return 0", last=MAGICS),
    plain("no-numbers", "has metadata of the oddest kinds", "return 0", change=no_numbers),
    plain("locked-cells", "adds cells that look like given ones", "return 0", change=locked_cells),
    Attack(
        "half-characters",
        "has texts that cannot be written",
        KEPT_POINTS,
        {},
        KEPT,
        change=half_characters,
    ),
    Attack("cells-twice", "has two lists of cells", 0.0, {}, KEPT, write=cells_twice),
]
