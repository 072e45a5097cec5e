"""Mistakes in the order of things: what exactly becomes of a block that invites them."""

import textwrap

import pytest

from autograder.mutation.generate import generic_mutants


def mutants_of(body: str) -> list[tuple[str, str]]:
    """Give (operator, lines afterwards) of all mutants of a function with this body."""
    source = "def f(x, y, n, i):\n" + textwrap.indent(body, "    ") + "\n"
    return [(mutant.operator, mutant.added) for mutant in generic_mutants(source)]


BLOCKS = [
    (
        "w = np.zeros(n)\nw[i] = x\nreturn w",
        [
            ("wrong function", "w = np.ones(n)"),
            ("float32 cast", "w = np.zeros(n, dtype=np.float32)"),
            ("integer type", "w = np.zeros(n, dtype=int)"),
            ("update deleted", "pass"),
        ],
    ),
    (
        "if not (x == n).all():\n    raise ValueError('n')\nreturn x",
        [("wrong reduction", "if not (x == n).any():"), ("validation removed", "pass")],
    ),
    (
        "np.add.at(x, i, n)\nreturn x",
        [("statement deleted", "pass"), ("repeated indices lost", "x[i] += n")],
    ),
    ("w = []\nreturn np.array(w)", []),
    (
        "if n < x:\n    raise ValueError('n + 1')\nreturn x",
        [
            ("boundary", "if n <= x:"),
            ("validation removed", "pass"),
        ],
    ),
    (
        "if n:\n    return x\nreturn y",
        [
            ("condition always true", "if True:"),
            ("condition always false", "if False:"),
            ("early return removed", "pass"),
        ],
    ),
    (
        "x += y\nreturn x",
        [("update deleted", "pass"), ("sign", "x -= y"), ("sum overwritten", "x = y")],
    ),
    ("x *= y\nreturn x", [("update deleted", "pass"), ("update", "x /= y")]),
    ("x[i] = y\nreturn x", [("update deleted", "pass")]),
    ("w = y\nreturn w", []),
    ("w, b = y\nreturn w", [("unpacked in the wrong order", "b, w = y")]),
    (
        "x = x - y\nreturn x",
        [
            ("update deleted", "pass"),
            ("in-place update", "x -= y"),
            ("sign", "x = x + y"),
            ("difference turned round", "x = y - x"),
            ("term dropped", "x = x"),
        ],
    ),
    (
        "w = x * y\nreturn w, x.shape",
        [
            ("argument changed in place", "w = x\nw *= y"),
            ("factor dropped", "w = x"),
            ("factor dropped", "w = y"),
            ("division for multiplication", "w = x / y"),
            ("results swapped", "return (x.shape, w)"),
        ],
    ),
    (
        "while n:\n    if x:\n        break\n    y()\nreturn y",
        [
            ("condition always true", "while True:"),
            ("condition always false", "while False:"),
            ("return inside the loop", "return y"),
            ("last line after the loop", "y()"),
            ("condition always true", "if True:"),
            ("condition always false", "if False:"),
            ("jump removed", "pass"),
            ("statement deleted", "pass"),
        ],
    ),
    (
        "for i in x:\n    if i:\n        continue\n    y()",
        [
            ("last line after the loop", "y()"),
            ("condition always true", "if True:"),
            ("condition always false", "if False:"),
            ("jump removed", "pass"),
            ("break for continue", "break"),
            ("statement deleted", "pass"),
        ],
    ),
]


@pytest.mark.parametrize(("body", "expected"), BLOCKS)
def test_statement_operators(body, expected):
    assert mutants_of(body) == expected


def test_an_attribute_may_be_forgotten_only_after_it_was_made():
    source = textwrap.dedent("""
        class Counter:
            def __init__(self):
                self.seen = start

            def update(self, more):
                self.seen = more
    """)
    assert [(m.operator, m.removed) for m in generic_mutants(source)] == [
        ("update deleted", "self.seen = more")
    ]
