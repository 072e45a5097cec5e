"""Answers of an earlier week: the student's own where they can be had, else the verified ones."""

import ast
import json

import numpy as np
import pytest

from helpers import earlier, nn

WEEK = "week03_backpropagation"
RELU = """class ReLU:
    def forward(self, z):
        self.z = z
        return np.maximum(0.0, z)

    def backward(self, gradient):
        return gradient * (self.z > 0)
"""
STUB = """class SGD:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def step(self, parameters, gradients):
        raise NotImplementedError("`SGD.step` is not written yet")
"""
IMPORTS = ("given", "import numpy as np\nfrom helpers import a_module_that_is_gone\nFACTOR = 3.0")


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Lie in week 5's folder, and write notebooks of week 3 beside it."""
    here = tmp_path / "week05_convolution"
    here.mkdir()
    monkeypatch.chdir(here)

    def write(*cells, name="backpropagation", week=WEEK):
        folder = tmp_path / week
        folder.mkdir(exist_ok=True)
        made = [cell(*parts) for parts in cells]
        path = folder / f"{name}.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": made}))
        return path

    return write


def cell(role, source, grade_id=None):
    metadata = {"tags": ["demo"]} if role == "demo" else {}
    if role in ("answer", "test"):
        if grade_id is None:
            grade_id = ast.parse(source).body[0].name
        metadata["nbgrader"] = {
            "grade_id": grade_id,
            "grade": role == "test",
            "solution": role == "answer",
        }
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}


def test_the_students_own_come_out_of_the_notebook_beside(beside, capsys):
    beside(IMPORTS, ("answer", RELU))
    found = earlier.work(WEEK, "ReLU")
    layer = found()
    assert found is not nn.ReLU
    assert layer.forward(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]
    assert layer.backward(np.array([5.0, 6.0])).tolist() == [0.0, 6.0]
    assert capsys.readouterr().out == f"Your own, from {WEEK}: ReLU\n"


def test_the_switch_takes_the_verified_ones(beside, capsys):
    beside(IMPORTS, ("answer", RELU))
    assert earlier.work(WEEK, "ReLU", "Linear", own=False) == (nn.ReLU, nn.Linear)
    assert capsys.readouterr().out == "Verified, from helpers.nn: ReLU, Linear (own=False)\n"


def test_a_missing_notebook_is_said(beside, capsys):
    assert earlier.work(WEEK, "ReLU", "SGD") == (nn.ReLU, nn.SGD)
    told = capsys.readouterr().out
    place = "../week03_backpropagation/backpropagation.ipynb"
    assert told == f"Verified, from helpers.nn: ReLU, SGD (there is no {place})\n"


def test_an_unreadable_notebook_is_said(beside, capsys):
    beside(IMPORTS).write_text("{")
    assert earlier.work(WEEK, "ReLU") is nn.ReLU
    assert "backpropagation.ipynb is not valid JSON" in capsys.readouterr().out


def test_each_answer_falls_back_for_itself(beside, capsys):
    crash = "class Linear(missing_base):\n    pass"
    beside(IMPORTS, ("answer", RELU), ("answer", STUB), ("answer", crash))
    found = earlier.work(WEEK, "ReLU", "SGD", "Linear", "Sigmoid")
    assert found[0] is not nn.ReLU
    assert found[1:] == (nn.SGD, nn.Linear, nn.Sigmoid)
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert told.startswith(f"Your own, from {WEEK}: ReLU · verified, from helpers.nn: SGD (`SGD.st")
    assert "SGD (`SGD.step` is not written yet)" in told
    assert "Linear (yours needs `missing_base`: it is not in your notebook)" in told
    assert "Sigmoid (it is not in your notebook)" in told


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def he(:", "`he` is no Python: invalid syntax"),
        ("he = 1 / 0", "`he` stops with ZeroDivisionError: division by zero"),
        ("import sys\nhe = sys.exit(3)", "`he` stops with SystemExit: 3"),
        ("he = open('no such file')", "`he` stops with FileNotFoundError: [Errno 2] No such file"),
        ("he = 'a' + 1  # " + "x" * 300, "`he` stops with TypeError: can only concatenate str"),
        ("he = abs\nreturn he", "`he` is no Python: 'return' outside function"),
        ("he = " + "-" * 100_000 + "1", "`he` is no Python: "),
        ("def he(", "`he` is no Python: '(' was never closed"),
    ],
)
def test_an_answer_that_crashes_gives_its_reason(beside, capsys, source, reason):
    beside(("answer", source, "he"))
    assert earlier.work(WEEK, "he") is nn.he
    told = capsys.readouterr().out
    assert reason in told
    assert len(told) < 150


def test_a_stub_below_the_students_own_return_counts_as_written(beside, capsys):
    stub = '    raise NotImplementedError("`he` is not written yet")'
    body = "    if fan_in:\n        return fan_in\n    else:\n        return 0\n"
    beside(("answer", f"def he(fan_in):\n{body}{stub}"))
    assert earlier.work(WEEK, "he")(7) == 7
    beside(("answer", f"def he(fan_in):\n    if fan_in:\n        return fan_in\n{stub}"))
    assert earlier.work(WEEK, "he") is nn.he


def test_what_an_answer_calls_is_replaced_where_it_is_not_written(beside, capsys):
    epoch = "def train_epoch(*a):\n    return softmax_cross_entropy(*a)"
    stub = (
        'def softmax_cross_entropy(s, t):\n    raise NotImplementedError("`x` is not written yet")'
    )
    beside(IMPORTS, ("answer", stub), ("answer", epoch))
    found = earlier.work(WEEK, "train_epoch")
    loss, gradient = found(np.zeros((1, 2)), np.array([0]))
    assert loss == pytest.approx(np.log(2.0))
    assert gradient.tolist() == [[-0.5, 0.5]]
    told = capsys.readouterr().out
    assert told.startswith(f"Your own, from {WEEK}: train_epoch · verified, from helpers.nn: soft")


def test_what_needs_something_that_nobody_has_falls_back_as_a_whole(beside, capsys):
    stub = 'raise NotImplementedError("`V` is not written yet")'
    variable = f"class Variable:\n    def record(self):\n        {stub}"
    beside(
        ("answer", variable),
        ("answer", "class Tensor(Variable):\n    pass"),
        ("answer", "class no_grad:\n    def __enter__(self):\n        Variable.recording = False"),
    )
    assert earlier.work(WEEK, "Tensor", "no_grad") == (nn.Tensor, nn.no_grad)
    told = capsys.readouterr().out
    assert "Tensor, no_grad (yours needs `Variable`: `V` is not written yet)" in told


def test_no_test_no_demo_and_no_other_statement_is_run(beside, tmp_path):
    trap = f"open({str(tmp_path / 'ran')!r}, 'a').close()"
    beside(
        IMPORTS,
        ("given", trap),
        ("given", f"unused = {trap}"),
        ("answer", f"def he(n):\n    return n * FACTOR\n{trap}\nprint(he(1))"),
        ("test", f"he = None\n{trap}", "test_he_x"),
        ("demo", f"he = None\n{trap}"),
    )
    assert earlier.work(WEEK, "he")(2) == 6.0
    assert not (tmp_path / "ran").exists()


def test_constants_helpers_and_later_changes_come_along(beside):
    beside(
        IMPORTS,
        ("given", "%matplotlib inline\nSCALE = 2.0"),
        (
            "answer",
            "def _twice(x):\n    return SCALE * x\n\ndef he(x):\n    return _twice(x)",
            "he",
        ),
        ("answer", "class ReLU:\n    pass"),
        ("given", "def forward(self, x):\n    return he(x) + np.ones(1)"),
        ("given", "ReLU.forward = forward"),
    )
    assert earlier.work(WEEK, "ReLU")().forward(1.0).tolist() == [3.0]


def test_star_imports_come_along(beside, capsys):
    beside(
        ("given", "from math import *\nfrom no_such_module import *"),
        ("answer", "def he(n):\n    return sqrt(2 / n)"),
    )
    assert earlier.work(WEEK, "he")(8) == 0.5
    assert capsys.readouterr().out.startswith("Your own")


def test_the_last_definition_that_runs_counts(beside, capsys):
    beside(
        ("answer", "def he():\n    return 1"),
        ("given", "def he():\n    return 2"),
        ("given", "he = 1 / 0"),
    )
    assert earlier.work(WEEK, "he")() == 2
    assert capsys.readouterr().out == f"Your own, from {WEEK}: he\n"


def test_an_error_in_the_students_code_shows_their_line(beside):
    import traceback

    beside(("answer", "def he(x):\n    return x.nothing  # my line"))
    found = earlier.work(WEEK, "he")
    with pytest.raises(AttributeError) as caught:
        found(1)
    text = "".join(traceback.format_exception(caught.value))
    assert "<week03_backpropagation, `he`>" in text
    assert "return x.nothing  # my line" in text


def test_what_prints_while_it_is_defined_stays_silent(beside, capsys):
    beside(("answer", "he = print('loud') or abs", "he"))
    assert earlier.work(WEEK, "he")(-3) == 3
    assert "loud" not in capsys.readouterr().out


def test_dataclasses_find_their_module(beside):
    beside(
        ("given", "from __future__ import annotations\nfrom dataclasses import dataclass"),
        ("answer", "@dataclass\nclass SGD:\n    rate: 'float' = 1.0", "SGD"),
    )
    assert earlier.work(WEEK, "SGD")().rate == 1.0


def test_week_2s_losses_are_the_loss_alone(beside):
    found = earlier.work("week02_feedforward", "cross_entropy", "mse", own=False)
    assert found[0](np.zeros((1, 4)), np.array([2])) == pytest.approx(np.log(4.0))
    assert found[1](np.ones(2), np.zeros(2)) == 1.0


def test_what_nobody_has_is_an_error_with_a_cure(beside):
    with pytest.raises(LookupError, match=r"`hat` of week02_feedforward: there is no \.\./week02"):
        earlier.work("week02_feedforward", "hat")
    with pytest.raises(LookupError, match="`hat` of week02_feedforward: own=False, and"):
        earlier.work("week02_feedforward", "hat", own=False)


@pytest.mark.parametrize("arguments", [("week3", "he"), ("../week03_x", "he"), (WEEK,)])
def test_a_call_that_makes_no_sense_shows_how(arguments):
    with pytest.raises(ValueError, match=r'earlier\.work\("week03_backpropagation", "Linear"\)'):
        earlier.work(*arguments)


def test_a_module_of_the_reference_is_no_answer(beside):
    with pytest.raises(LookupError, match="`losses`"):
        earlier.work(WEEK, "losses")
