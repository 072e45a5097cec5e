"""Functions that a week withholds: refused to answers, free for tests; what got round is noted."""

import pytest
from workbench import answer, exam, given, workbench

pytestmark = pytest.mark.slow

ATTENTION = "torch.nn.functional.scaled_dot_product_attention"
NMS = "torchvision.ops.nms"
REFUSED = f"week 13 asks you to write this yourself: {ATTENTION}"
START = given(
    "import numpy as np\nimport torch\nimport torchvision\n"
    "from torch.nn import functional as F\nfrom helpers import checks"
)
HONEST = """
def attention(q, k, v):
    weights = torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, dim=-1)
    return weights @ v
"""
BORROWED = """
def attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v)
"""
TEST = """
torch.manual_seed(0)
x = torch.randn(2, 3, 4)
expected = F.scaled_dot_product_attention(x, x, x)
checks.close(attention(x, x, x), expected, "attention as torch has it")
"""
HIDDEN = f"### BEGIN HIDDEN TESTS\n{TEST.strip()}\n### END HIDDEN TESTS"
BOXES = """
boxes = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 6, 6]])
expected = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist()
checks.equal([int(i) for i in keep(boxes)], expected, "the second box goes")
"""


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scratch")
    packages = ("numpy", "torch", "torchvision")
    with workbench(
        folder, seconds_per_cell=20, packages=packages, withheld=(ATTENTION, NMS)
    ) as grade:
        yield grade


def test_an_honest_answer_earns_its_points_and_no_note(grade):
    bench = grade(START, answer("attention", HONEST), exam("t", TEST), exam("h", HIDDEN))
    assert bench.scores == {"t": 1.0, "h": 1.0}, bench["t"]
    assert bench.findings.notes == []


def test_an_own_function_may_have_the_withheld_name(grade):
    own = HONEST.replace("attention(", "scaled_dot_product_attention(")
    cell = own + "def attention(q, k, v):\n    return scaled_dot_product_attention(q, k, v)\n"
    bench = grade(START, answer("attention", cell), exam("t", TEST))
    assert bench.scores == {"t": 1.0}, bench["t"]
    assert bench.findings.notes == []


@pytest.mark.parametrize("test", [TEST, HIDDEN], ids=["visible", "hidden"])
def test_a_borrowed_answer_is_refused_with_the_sentence(grade, test):
    bench = grade(START, answer("attention", BORROWED), exam("t", test))
    assert bench.scores == {"t": 0.0}
    assert (bench["t"].error, bench["t"].message) == ("RuntimeError", REFUSED)
    assert bench.findings.notes == [
        f"`attention`, line 3, uses `F.scaled_dot_product_attention` ({ATTENTION}); "
        "week 13 withholds scaled_dot_product_attention, nms"
    ]


def test_torchvisions_function_too(grade):
    cell = "def keep(boxes):\n    scores = torch.tensor([0.9, 0.8, 0.7])\n"
    cell += "    return torchvision.ops.nms(boxes, scores, 0.5)"
    bench = grade(START, answer("keep", cell), exam("t", BOXES))
    assert bench.scores == {"t": 0.0}
    assert bench["t"].message == f"week 13 asks you to write this yourself: {NMS}"


def body(line):
    return f"def attention(q, k, v):\n    return {line}(q, k, v)"


REFUSED_ALL_THE_SAME = {
    "alias": "from torch.nn.functional import scaled_dot_product_attention as a\n" + body("a"),
    "bound": "attention = F.scaled_dot_product_attention",
    "string": body("getattr(F, 'scaled_dot_product_attention')"),
    "operator": body("torch.ops.aten.scaled_dot_product_attention"),
    "underneath": body("torch._C._nn.scaled_dot_product_attention"),
    "vmap": body("torch.vmap(F.scaled_dot_product_attention)"),
    "eval": body("eval('F.scaled_dot_product' + '_attention')"),
    "modules": "import sys\n"
    + body("vars(sys.modules['torch.nn' + '.functional'])['scaled_dot_product' + '_attention']"),
    "reload": "import importlib\ntry:\n    importlib.reload(F)\nexcept Exception:\n    pass\n"
    + body("F.scaled_dot_product_attention"),
    "lambda": "attention = lambda *a: F.scaled_dot_product_attention(*a)",
}


@pytest.mark.parametrize("name", REFUSED_ALL_THE_SAME)
def test_other_ways_to_call_it_are_refused_and_noted(grade, name):
    cell = answer("attention", REFUSED_ALL_THE_SAME[name])
    bench = grade(START, cell, exam("t", TEST))
    assert bench.scores == {"t": 0.0}
    assert bench["t"].message == REFUSED
    assert bench.findings.notes, name
    assert all("week 13" in note for note in bench.findings.notes)


def test_a_name_put_together_while_it_runs_is_refused(grade):
    cell = answer("attention", body("getattr(F, '_'.join(['scaled_dot_product', 'attention']))"))
    bench = grade(START, cell, exam("t", TEST))
    assert bench.scores == {"t": 0.0}
    assert bench["t"].message == REFUSED


SUSPICIOUS = {
    "closure": "guard = F.scaled_dot_product_attention\n"
    "found = [c.cell_contents for c in guard.__closure__]\n"
    "attention = next(f for f in found if type(f).__name__ == 'builtin_function_or_method')",
    "garbage": "import gc\nword = 'scaled_dot_product' + '_attention'\n"
    "builtin = type(len)\n"
    "real = [f for d in gc.get_objects() if type(d) is tuple for f in gc.get_referents(d)\n"
    "        if type(f).__name__ == 'cell' for f in gc.get_referents(f)\n"
    "        if type(f) is builtin and f.__name__ == word]\n"
    "def attention(*a):\n    return real[0](*a)",
    "the mathematics": "def attention(q, k, v):\n"
    "    return torch._scaled_dot_product_attention_math(q, k, v)[0]",
    "rebound": "(torch, _) = torch, 1\nF = torch.nn.functional\n"
    "def attention(q, k, v):\n    return F.scaled_dot_product_attention(q, k, v)",
}  # fmt: skip


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_what_gets_round_or_tries_to_is_noted(grade, name):
    bench = grade(START, answer("attention", SUSPICIOUS[name]), exam("t", TEST))
    assert bench.findings.notes, bench["t"]
    assert all("`attention`, line " in note for note in bench.findings.notes)


@pytest.mark.parametrize("line", ["%matplotlib inline", "%%time", "%%capture said", "\n!true"])
def test_a_line_of_ipythons_hides_nothing(grade, line):
    source = f"{line}\n{SUSPICIOUS['the mathematics']}"
    bench = grade(START, answer("attention", source), exam("t", TEST))
    assert any("_scaled_dot_product_attention_math" in note for note in bench.findings.notes)


def test_a_guard_that_was_replaced_is_noted(grade):
    own = HONEST + "\nsetattr(F, '_'.join(['scaled_dot_product', 'attention']), attention)"
    bench = grade(START, answer("attention", own), exam("t", TEST))
    assert bench.scores == {"t": 1.0}
    assert bench.findings.notes == [
        f"{ATTENTION} was replaced while the answers ran; week 13 asks to write it"
    ]


def test_cells_of_the_students_own_count_too(grade):
    own = given("real = F.scaled_dot_product_attention")  # not in the original: the student's
    cells = answer("attention", body("real")), exam("t", TEST)
    bench = grade(START, own, *cells, original=[START, *cells])
    assert bench.scores == {"t": 0.0}
    assert any(note.startswith("`cell 2`, line 1, uses") for note in bench.findings.notes)


def test_torchs_own_layers_go_on_working(grade):
    cell = """
def attention(q, k, v):
    layer = torch.nn.MultiheadAttention(4, 1, bias=False, batch_first=True)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.eye(4).repeat(3, 1))
        layer.out_proj.weight.copy_(torch.eye(4))
    return layer(q, k, v, need_weights=False)[0]
"""
    bench = grade(START, answer("attention", cell), exam("t", TEST))
    assert bench.scores == {"t": 1.0}, bench["t"]
    assert bench.findings.notes == []


def test_given_and_demo_cells_may_call_it(grade):
    constant = given("x = torch.ones(1, 2, 3)\nsame = F.scaled_dot_product_attention(x, x, x)")
    constant["metadata"]["nbgrader"] = {"grade": False, "solution": False, "locked": True}
    use = "def attention(q, k, v):\n    return same"
    bench = grade(
        START, constant, answer("attention", use),
        exam("t", "checks.close(attention(1, 2, 3), np.ones((1, 2, 3)), 'the constant')"),
        exam("u", TEST),
    )  # fmt: skip
    assert bench.scores == {"t": 1.0, "u": 0.0}
    assert bench[None].error is None
    assert bench.findings.notes == []


def test_after_an_endless_loop_the_guards_stand_again(grade):
    loop = answer("wait", "def wait():\n    while True:\n        pass")
    bench = grade(
        START, loop, answer("attention", BORROWED), exam("w", "wait()"), exam("t", TEST),
    )  # fmt: skip
    assert bench["w"].timed_out
    assert bench["t"].message == REFUSED


def test_a_submission_cannot_fill_the_notes(grade):
    lines = "\n".join(f"    a{n} = F.scaled_dot_product_attention" for n in range(30))
    cell = answer("attention", f"def attention(q, k, v):\n{lines}\n    return v")
    bench = grade(START, cell, exam("t", TEST))
    assert len(bench.findings.notes) == 11
    assert bench.findings.notes[-1] == "… and 20 more places like these"
