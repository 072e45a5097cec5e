"""What a test cell can do with a student's torch code: values of tensors, modules by stand-in."""

import pytest
from workbench import answer, exam, given, workbench

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
