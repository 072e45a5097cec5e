"""What a test cell can do with a student's torch code: values of tensors, modules by stand-in."""

import pytest
from workbench import answer, exam, given, workbench

from autograder.engines.judge.confine import available_walls

START = given("import numpy as np\nimport torch\nfrom helpers import checks")
MODULE = """
class f(torch.nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.layer = torch.nn.Linear(width, 1)

    def forward(self, x):
        return self.layer(x)

    def steps(self):
        for parameter in self.parameters():
            yield parameter.shape
"""
TESTS = {
    "values": "w = f().layer.weight\nassert isinstance(w, torch.Tensor) and w.shape == (1, 2)",
    "parameters": "shapes = [tuple(p.shape) for p in f().parameters()]\n"
    "checks.equal(shapes, [(1, 2), (1,)], 'a weight and a bias')",
    "state": "state = f(3).state_dict()\ncopied = f(3)\ncopied.load_state_dict(state)\n"
    "checks.close(copied.layer.weight, state['layer.weight'], 'the same')",
    "isinstance": "assert isinstance(f(), torch.nn.Module) and isinstance(f(), f)",
    "forward": "m = f()\nx = torch.ones(3, 2)\n"
    "wanted = x @ m.layer.weight.T + m.layer.bias\n"
    "checks.close(m(x).detach(), wanted.detach(), 'x W + b')",
    "seeded": "torch.manual_seed(3)\nlinear = torch.nn.Linear(2, 1)\ntorch.manual_seed(3)\n"
    "checks.close(f().layer.weight, linear.weight.detach(), 'the same draw')",
    "train and eval": "m = f()\nm.eval()\nassert m.training is False",
    "gradients of parameters": "m = f()\nx = torch.tensor([[1.0, 2.0], [3.0, 4.0]])\n"
    "loss = m(x).sum() * 2\nloss.backward()\n"
    "checks.close(m.layer.weight.grad, [[8.0, 12.0]], 'twice the sum of x')\n"
    "checks.close(m.layer.bias.grad, [4.0], 'twice the number of rows')",
    "gradients of arguments": "m = f()\nx = torch.ones(3, 2, requires_grad=True)\n"
    "y = x * 3\nm(y).sum().backward()\n"
    "checks.close(x.grad, (3 * m.layer.weight.detach()).expand(3, 2), 'three times the weight')",
    "gradients through two calls": "m = f(1)\nx = torch.ones(2, 1, requires_grad=True)\n"
    "m(m(x)).sum().backward()\nw = m.layer.weight.detach().item()\n"
    "checks.close(x.grad, [[w * w], [w * w]], 'the weight squared')",
    "no gradients": "m = f()\nwith torch.no_grad():\n    y = m(torch.ones(1, 2))\n"
    "assert not y.requires_grad",
    "generator": "assert list(f().steps()) == [(1, 2), (1,)]",
}


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("scratch")
    with workbench(folder, seconds_per_cell=20, packages=("numpy", "torch")) as grade:
        yield grade


@pytest.mark.slow
@pytest.mark.parametrize("name", TESTS)
def test_torch_across_the_border(grade, name):
    bench = grade(START, answer("f", MODULE), exam("t", TESTS[name]))
    assert bench.scores == {"t": 1.0}, bench["t"]


@pytest.mark.slow
def test_gradients_cross_a_wall_behind_which_the_engine_is_not(tmp_path):
    pytest.importorskip("torch")
    wall = next((name for name, why in available_walls().items() if why is None), "none")
    packages = ("numpy", "torch")
    with workbench(tmp_path, seconds_per_cell=20, packages=packages, wall=wall) as grade:
        bench = grade(START, answer("f", MODULE), exam("t", TESTS["gradients of parameters"]))
    assert bench.scores == {"t": 1.0}, bench["t"]


ODD = {
    "sparse": "torch.eye(3).to_sparse()",
    "sparse, with a gradient": "torch.eye(3, requires_grad=True).to_sparse() * 2",
    "quantised": "torch.quantize_per_tensor(torch.eye(3), 0.1, 0, torch.quint8)",
    "a parameter of a class of its own": "type('P', (torch.nn.Parameter,), {})(torch.zeros(3, 3))",
    "a liar": (
        "torch.zeros(3, 3).as_subclass(type('L', (torch.Tensor,), {'__torch_function__': "
        "classmethod(lambda *a, **k: True), '__eq__': lambda a, b: True}))"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_an_odd_tensor_earns_nothing_and_is_named(grade, name):
    source = f"def f():\n    return {ODD[name]}"
    bench = grade(START, answer("f", source), exam("t", "checks.close(f(), np.eye(3), 'one')"))
    assert bench.scores == {"t": 0.0}
    assert "sparse, quantised or of" in bench["t"].message


@pytest.mark.slow
def test_short_floats_are_taken_as_the_checks_take_them(grade):
    source = (
        "def f(x=None):\n    return torch.ones(2, dtype=torch.bfloat16) if x is None else x * 2"
    )
    test = (
        "checks.close(f(), [1.0, 1.0], 'ones')\nassert f().dtype == torch.bfloat16\n"
        "checks.close(f(f()), [2.0, 2.0], 'twos')"
    )
    bench = grade(START, answer("f", source), exam("t", test))
    assert bench.scores == {"t": 1.0}, bench["t"]
