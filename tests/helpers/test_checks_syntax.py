"""checks.forbids and checks.vectorised read how an answer is written."""

import functools
import itertools
import linecache

import numpy as np
import pytest

from helpers import checks

COUNTER = itertools.count()


def defined(source: str, name: str = "f", **names):
    """Run a cell whose source is registered in linecache, and return what it defines."""
    file = f"<cell {next(COUNTER)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"np": np, **names}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def message(check, *args) -> str:
    with pytest.raises(AssertionError) as caught:
        check(*args)
    return str(caught.value)


USES = [
    ("def f(x):\n    return sorted(x)", "sorted"),
    ("def f(x):\n    y = sorted\n    return y(x)", "sorted"),
    ("def f(x):\n    return max(x, key=sorted)", "sorted"),
    ("def f(x):\n    return np.linalg.norm(x)", "np.linalg.norm"),
    ("def f(x):\n    return np.linalg.norm(x)", "numpy.linalg.norm"),
    ("def f(x):\n    return np.linalg.norm(x)", "np.linalg"),
    ("def f(x):\n    return np.linalg.norm(x)", "np"),
    ("import numpy\ndef f(x):\n    return numpy.dot(x, x)", "np.dot"),
    ("import numpy as n\ndef f(x):\n    return n.dot(x, x)", "np.dot"),
    ("import numpy.linalg as la\ndef f(x):\n    return la.norm(x)", "np.linalg.norm"),
    ("import numpy.linalg\ndef f(x):\n    return numpy.linalg.norm(x)", "np.linalg.norm"),
    ("from numpy import linalg\ndef f(x):\n    return linalg.norm(x)", "np.linalg.norm"),
    ("from numpy import einsum\ndef f(x):\n    return einsum('ij->i', x)", "np.einsum"),
    ("from numpy import einsum as e\ndef f(x):\n    return e('ij->i', x)", "np.einsum"),
    ("from numpy import *\ndef f(x):\n    return einsum('ij->i', x)", "np.einsum"),
    ("def f(x):\n    import numpy as m\n    return m.dot(x, x)", "np.dot"),
    ("def f(x):\n    from numpy import dot\n    return dot(x, x)", "np.dot"),
    ("product = np.dot\ndef f(x):\n    return product(x, x)", "np.dot"),
    ("def f(x):\n    la = np.linalg\n    return la.norm(x)", "np.linalg.norm"),
    ("def f(x):\n    return getattr(np, 'dot')(x, x)", "np.dot"),
    ("def f(x):\n    return getattr(x, 'dot')(x)", "np.dot"),
    ("def f(x):\n    return x.dot(x)", "np.dot"),
    ("def f(x):\n    return (x + 1).sum()", "np.sum"),
    ("def f(x):\n    x.sort()", "x.sort"),
    ("def f(y):\n    y.sort()", "x.sort"),
    ("def f(y):\n    (y + 1).sort()", "x.sort"),
    ("def f(x):\n    return x @ x", "@"),
    ("def f(x):\n    x @= x\n    return x", "@"),
    ("def f(x):\n    return x ** 2", "**"),
    ("def f(x):\n    return eval('sor' + 'ted(x)')", "sorted"),
    ("def f(x):\n    return __import__('numpy').dot(x, x)", "np.dot"),
    ("import importlib\ndef f(x):\n    return importlib.import_module('numpy')", "np.dot"),
    ("def f(x, by=sorted):\n    return by(x)", "sorted"),
    ("f = lambda x: sorted(x)", "sorted"),
    ("def helper(x):\n    return sorted(x)\ndef f(x):\n    return helper(x)", "sorted"),
    (
        "def a(x):\n    return sorted(x)\ndef b(x):\n    return a(x)\ndef f(x):\n    return b(x)",
        "sorted",
    ),
    ("a = lambda x: sorted(x)\ndef f(x):\n    return a(x)", "sorted"),
    ("class f:\n    def __init__(self, x):\n        self.x = sorted(x)", "sorted"),
    ("class f:\n    def run(self):\n        return np.dot(1, 2)\n    y = 1", "np.dot"),
    ("class f:\n    @property\n    def run(self):\n        return np.dot(1, 2)", "np.dot"),
    ("class f:\n    @staticmethod\n    def run(x):\n        return x @ x", "@"),
    (
        "class A:\n    def g(self):\n        return sorted([])\nclass f(A):\n    def h(self): pass",
        "sorted",
    ),
    ("import torch\ndef f(x):\n    return torch.softmax(x, 0)", "torch"),
    ("from math import factorial\ndef f(x):\n    return factorial(x)", "math.factorial"),
]


@pytest.mark.parametrize(("source", "name"), USES)
def test_forbidden_names_are_seen(source, name):
    if "torch" in source:
        pytest.importorskip("torch")
    text = message(checks.forbids, defined(source), "np.fft", name, "np.ma")
    assert text.startswith("`")
    assert "` does without `" in text
    assert "  line " in text


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    return np.sort(x)", ("sorted", "np.dot", "np.sorted", "np.so")),
        (
            "def f(x):\n    '''Not sorted(x), not np.dot.'''\n    return 'sorted'",
            ("sorted", "np.dot"),
        ),
        ("def f(x):\n    # sorted(x)\n    return x", ("sorted",)),
        ("def f(sorted):\n    return sorted + 1", ("sorted",)),
        ("def f(x):\n    sum = x + 1\n    return sum", ("sum",)),
        ("def sorted(x):\n    return x\ndef f(x):\n    return sorted(x)", ("sorted",)),
        ("def f(x):\n    return x.linalg", ("np.linalg",)),
        ("def f(x):\n    return np.multiply(x, x)", ("@", "**", "np.dot")),
        ("def other(x):\n    return sorted(x)\ndef f(x):\n    return x", ("sorted",)),
        ("def f(x):\n    return np.sort(x)", ("x.sort",)),
        (
            "class f:\n    def sort(self):\n        return 1\n"
            "    def g(self):\n        return self.sort()",
            ("np.sort", "x.sort"),
        ),
    ],
)
def test_what_is_not_forbidden_passes(source, names):
    assert checks.forbids(defined(source), *names) is None


def test_the_message_names_the_line_and_the_way_it_was_written():
    source = "import numpy.linalg as la\n\ndef f(x):\n    y = x\n    return la.norm(y)  # short"
    assert message(checks.forbids, defined(source), "np.linalg.norm").split("\n") == [
        "`f` does without `np.linalg.norm` (here as `la.norm`)",
        "  line 5: return la.norm(y)  # short",
    ]


def test_a_module_that_another_cell_imported_under_its_own_name():
    source = "def f(x):\n    return numerics.dot(x, x)"
    assert "np.dot" in message(checks.forbids, defined(source, numerics=np), "np.dot")


def test_a_function_that_another_cell_took_from_numpy():
    source = "def f(x):\n    return product(x, x)"
    assert "np.dot" in message(checks.forbids, defined(source, product=np.dot), "np.dot")


LOOPS = [
    ("def f(x):\n    for row in x: pass", "line 2 has a `for` loop: for row in x: pass"),
    ("def f(x):\n    while x: x -= 1", "a `while` loop"),
    ("def f(x):\n    return [r for r in x]", "a list comprehension"),
    ("def f(x):\n    return {r for r in x}", "a set comprehension"),
    ("def f(x):\n    return {r: 1 for r in x}", "a dict comprehension"),
    ("def f(x):\n    return sum(r for r in x)", "a generator expression"),
    ("def f(x):\n    return list(map(abs, x))", "`map`, a loop in disguise"),
    ("def f(x):\n    return list(filter(abs, x))", "`filter`, a loop"),
    ("def f(x):\n    return np.vectorize(abs)(x)", "`np.vectorize`, a loop"),
    ("@np.vectorize\ndef f(x):\n    return x", "`np.vectorize`, a loop"),
    ("from numpy import vectorize as v\ndef f(x):\n    return v(abs)(x)", "`v`, a loop"),
    ("def f(x):\n    return np.apply_along_axis(sum, 0, x)", "`np.apply_along_axis`"),
    ("def f(x):\n    return np.frompyfunc(abs, 1, 1)(x)", "`np.frompyfunc`"),
    ("import functools\ndef f(x):\n    return functools.reduce(max, x)", "`functools.reduce`"),
    ("from functools import reduce\ndef f(x):\n    return reduce(max, x)", "`reduce`"),
    ("def f(x):\n    return x if x < 1 else f(x - 1)", "a call of the function itself"),
    ("def g(x):\n    return [r for r in x]\ndef f(x):\n    return g(x)", "a list comprehension"),
    ("def f(x):\n    def inner():\n        for r in x: pass\n    return inner()", "a `for` loop"),
    ("class f:\n    def g(self):\n        for r in self: pass", "a `for` loop"),
    ("f = lambda x: [r for r in x]", "a list comprehension"),
    ("def f(x):\n    return [r for r in (*x, 1)]", "a list comprehension"),
    ("def f(x):\n    return [r for k in (0, 1) for r in x]", "a list comprehension"),
    ("def f(x):\n    return list(map(abs, (*x, 1)))", "`map`, a loop in disguise"),
    ("def f(x):\n    return list(map(max, (0, 1), x))", "`map`, a loop in disguise"),
    ("def f(x):\n    return [*map(abs, (0, 1))], [*map(abs, x)]", "`map`, a loop in disguise"),
    (
        "def f(x):\n    m = map; return list(m(abs, x)), list(map(abs, (0, 1)))",
        "a loop in disguise",
    ),
    ("def f(x):\n    while x: x -= 1", "a `while` loop"),
]


@pytest.mark.parametrize(("source", "words"), LOOPS)
def test_loops_are_seen(source, words):
    f = defined(source)
    f = getattr(f, "pyfunc", f)
    text = message(checks.vectorised, f)
    assert "works on whole arrays, with no loop" in text
    assert words in text


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return (x[:, None] - x).sum(axis=0)",
        "def f(x):\n    '''for row in x'''\n    return np.where(x > 0, x, 0)",
        "def other(x):\n    return [r for r in x]\ndef f(x):\n    return x",
        "def f(map):\n    return map + 1",
        "def f(x, y):\n    x, y = [v.astype(float) for v in (x, y)]\n    return x - y",
        "def f(x, y):\n    x, y = map(np.asarray, (x, y))\n    return x - y",
        "def f(x):\n    for axis in (0, 1):\n        x = x - x.mean(axis)\n    return x",
        "f = lambda x: x + 1",
        "class f:\n    def g(self, x):\n        return x + 1",
    ],
)
def test_whole_array_code_passes(source):
    assert checks.vectorised(defined(source)) is None


def test_a_method_with_the_methods_it_calls():
    source = (
        "class Layer:\n"
        "    def forward(self, x):\n        return self.inner(x)\n"
        "    def inner(self, x):\n        return [r for r in x]\n"
        "    def other(self, x):\n        return np.dot(x, x)\n"
    )
    layer = defined(source, "Layer")
    for f in (layer.forward, layer().forward):
        assert "list comprehension" in message(checks.vectorised, f)
        checks.forbids(f, "np.dot")
    checks.vectorised(layer.other)


def test_wrapped_functions_are_unwrapped():
    source = (
        "import functools\n"
        "def twice(g):\n    @functools.wraps(g)\n    def both(x):\n        return g(g(x))\n"
        "    return both\n"
        "@twice\ndef f(x):\n    return sorted(x)\n"
    )
    f = defined(source)
    assert "sorted" in message(checks.forbids, f, "sorted")
    assert "sorted" in message(checks.forbids, functools.partial(f, x=1), "sorted")


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (np.dot, "define it with `def`"),
        (sorted, "define it with `def`"),
        (3, "define it with `def`"),
        (eval("lambda x: x"), "its source is not there"),
        (type("Empty", (), {}), "a class without methods"),
    ],
)
def test_without_a_source_there_is_a_sentence(f, words):
    for check, names in ((checks.forbids, ["sorted"]), (checks.vectorised, [])):
        text = message(check, f, *names)
        assert "the source of `" in text
        assert words in text


def test_a_changed_source_is_noticed():
    f = defined("def f(x):\n    return x")
    file = f.__code__.co_filename
    linecache.cache[file] = (9, None, ["def g(x):\n", "    return x\n"], file)
    assert "has changed since it ran" in message(checks.vectorised, f)
    linecache.cache[file] = (9, None, ["def f(x:\n"], file)
    assert "its source is not there" in message(checks.vectorised, f)


def test_in_a_notebook_shell():
    shells = pytest.importorskip("IPython.core.interactiveshell")
    shell = shells.InteractiveShell()
    for source in (
        "import numpy as np\nfrom numpy import einsum",
        "%timeit -n 1 -r 1 -q 1\ndef f(x):\n    return einsum('i->', x)\n",
        "class C:\n    def g(self, x):\n        for r in x:\n            pass\n",
        "def g(x):\n    return helper(x)\ndef helper(x):\n    return [r for r in x]",
    ):
        assert shell.run_cell(source, store_history=False, silent=True).success
    names = shell.user_ns
    assert "np.einsum" in message(checks.forbids, names["f"], "np.einsum")
    assert "line 3" in message(checks.forbids, names["f"], "np.einsum")
    assert "line 3 has a `for` loop" in message(checks.vectorised, names["C"])
    assert "line 4 has a list comprehension" in message(checks.vectorised, names["g"])
    checks.vectorised(names["f"])


def test_two_functions_of_one_name_in_a_cell():
    source = "def f(x):\n    return sorted(x)\nold = f\ndef f(x):\n    return x\n"
    checks.forbids(defined(source), "sorted")
    assert "sorted" in message(checks.forbids, defined(source, "old"), "sorted")
