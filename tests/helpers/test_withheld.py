"""Functions that are to be written by the student refuse to be called from an answer."""

import functools
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import torchvision

from helpers.withheld import Guards, find, sentence

ATTENTION = "torch.nn.functional.scaled_dot_product_attention"
NMS = "torchvision.ops.nms"
LAYER = "torch.nn.MultiheadAttention"
BOXES = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 6, 6]]), torch.tensor([0.9, 0.8, 0.7])
Q = torch.arange(6.0).reshape(1, 3, 2)


@pytest.fixture
def guarded():
    made = []

    def guard(*names, **options):
        made.append(Guards(names, "week 13", **options))
        return made[-1]

    before = F.scaled_dot_product_attention, torch._C._nn.scaled_dot_product_attention
    yield guard
    for guards in reversed(made):
        guards.remove()
    assert before == (F.scaled_dot_product_attention, torch._C._nn.scaled_dot_product_attention)


CALLS = {
    "in full": lambda: torch.nn.functional.scaled_dot_product_attention(Q, Q, Q),
    "by an alias": lambda: F.scaled_dot_product_attention(Q, Q, Q),
    "by a string": lambda: getattr(F, "scaled_dot" + "_product_attention")(Q, Q, Q),
    "by vars": lambda: vars(F)["scaled_dot_product_attention"](Q, Q, Q),
    "underneath": lambda: torch._C._nn.scaled_dot_product_attention(Q, Q, Q),
    "as an operator": lambda: torch.ops.aten.scaled_dot_product_attention(Q, Q, Q),
    "through map": lambda: list(map(F.scaled_dot_product_attention, [Q], [Q], [Q])),
    "through partial": lambda: functools.partial(F.scaled_dot_product_attention, Q)(Q, Q),
    "through vmap": lambda: torch.vmap(F.scaled_dot_product_attention)(Q, Q, Q),
    "through checkpoint": lambda: __import__("torch.utils.checkpoint").utils.checkpoint.checkpoint(
        F.scaled_dot_product_attention, Q, Q, Q, use_reentrant=False
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_is_refused_with_a_sentence(guarded, call):
    call()
    guarded(ATTENTION)
    with pytest.raises(RuntimeError) as caught:
        call()
    assert str(caught.value) == f"week 13 asks you to write this yourself: {ATTENTION}"
    assert str(caught.value) == sentence(ATTENTION, "week 13")


def test_an_import_afterwards_gives_the_guard_too(guarded):
    guarded(ATTENTION)
    from torch.nn.functional import scaled_dot_product_attention as attention

    with pytest.raises(RuntimeError, match="week 13 asks"):
        attention(Q, Q, Q)
    assert attention.__name__ == "scaled_dot_product_attention"
    assert "__wrapped__" not in vars(attention)


def test_torchs_own_code_goes_on_working(guarded):
    torch.manual_seed(0)
    layer = torch.nn.MultiheadAttention(4, 2, batch_first=True)
    x = torch.ones(1, 3, 4)
    wanted = layer(x, x, x, need_weights=False)[0]
    guarded(ATTENTION, NMS)
    torch.testing.assert_close(layer(x, x, x, need_weights=False)[0], wanted)
    torch.nn.TransformerEncoderLayer(4, 2).train()(x)
    assert torchvision.ops.batched_nms(*BOXES, torch.tensor([0, 0, 1]), 0.5).tolist() == [0, 2]


def test_torchvisions_function_and_its_operator(guarded):
    assert torchvision.ops.nms(*BOXES, 0.5).tolist() == [0, 2]
    guarded(NMS)
    for call in (torchvision.ops.nms, torchvision.ops.boxes.nms, torch.ops.torchvision.nms):
        with pytest.raises(RuntimeError, match=r"yourself: torchvision\.ops\.nms"):
            call(*BOXES, 0.5)


def test_a_class_refuses_to_be_made(guarded):
    guarded(LAYER)
    with pytest.raises(RuntimeError, match=r"yourself: torch\.nn\.MultiheadAttention"):
        torch.nn.MultiheadAttention(4, 2)

    class Mine(torch.nn.MultiheadAttention):
        def __init__(self):
            super().__init__(4, 2)

    with pytest.raises(RuntimeError, match=r"yourself: torch\.nn\.MultiheadAttention"):
        Mine()
    layer = torch.nn.TransformerEncoderLayer(4, 2)
    assert isinstance(layer.self_attn, torch.nn.MultiheadAttention)


def test_a_method_refuses(guarded):
    guarded("torch.nn.Linear.extra_repr")
    with pytest.raises(RuntimeError, match=r"yourself: torch\.nn\.Linear\.extra_repr"):
        torch.nn.Linear(1, 1).extra_repr()


def test_lifted_guards_let_all_pass(guarded):
    guards = guarded(ATTENTION)
    with guards.lifted():
        F.scaled_dot_product_attention(Q, Q, Q)
    with pytest.raises(RuntimeError, match="week 13 asks"):
        F.scaled_dot_product_attention(Q, Q, Q)


def test_trusted_code_passes(guarded):
    guarded(ATTENTION, is_trusted=lambda file: file == "<test>")
    code = "answer = F.scaled_dot_product_attention(Q, Q, Q)"
    exec(compile(code, "<test>", "exec"), {"F": F, "Q": Q})
    with pytest.raises(RuntimeError, match="week 13 asks"):
        exec(compile(code, "<answer>", "exec"), {"F": F, "Q": Q})


def test_what_is_not_there_is_passed_over(guarded):
    guards = guarded("torch.nn.functional.no_such_thing", "no_such_package.f", ATTENTION)
    assert guards.displaced() == []
    with pytest.raises(RuntimeError, match="week 13 asks"):
        F.scaled_dot_product_attention(Q, Q, Q)


def take_the_closure():
    guard = F.scaled_dot_product_attention
    F.scaled_dot_product_attention = next(
        cell.cell_contents
        for cell in guard.__closure__
        if type(cell.cell_contents).__name__ == "builtin_function_or_method"
    )


def write_another():
    F.scaled_dot_product_attention = lambda q, k, v: v


def put_other_code_in():
    guard = F.scaled_dot_product_attention
    name = sentence = self = allows = original = None

    def other(*args, **kwargs):
        return original(*args, **kwargs), name, sentence, self, allows

    names = guard.__code__.co_freevars
    source = f"def make({', '.join(names)}):\n  def other(*a, **k):\n    {', '.join(names)}\n"
    source += "    return original(*a, **k)\n  return other"
    space: dict = {}
    exec(source, space)
    guard.__code__ = space["make"](*names).__code__


def delete_it():
    del torch._C._nn.scaled_dot_product_attention


@pytest.mark.parametrize("trick", [take_the_closure, write_another, put_other_code_in, delete_it])
def test_a_guard_that_was_taken_off_is_seen(guarded, trick):
    guards = guarded(ATTENTION, NMS)
    assert guards.displaced() == []
    trick()
    assert guards.displaced() == [ATTENTION]
    if trick is delete_it:
        torch._C._nn.scaled_dot_product_attention = None  # so that it can be put back


def test_a_guard_that_stays_lifted_is_seen(guarded):
    guards = guarded(ATTENTION)
    guards._are_lifted = True
    assert guards.displaced() == [ATTENTION]


def test_finding_by_name():
    assert find("numpy.linalg.norm") is np.linalg.norm
    assert find("torchvision.ops.nms") is torchvision.ops.nms
    assert find("torchvision.ops") is sys.modules["torchvision.ops"]
    with pytest.raises(ImportError):
        find("no_such_package.f")
    with pytest.raises(AttributeError):
        find("numpy.no_such_thing")
