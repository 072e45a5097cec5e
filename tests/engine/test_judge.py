"""What a test cell can do with a student's code, and what a student's code cannot do to it."""

import pytest
from workbench import answer, exam, given, workbench

START = given("import numpy as np\nfrom helpers import checks")


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    with workbench(tmp_path_factory.mktemp("scratch"), seconds_per_cell=3) as grade:
        yield grade


def graded(grade, source, test, *tags, before=(), points=1.0):
    return grade(START, *before, answer("f", source), exam("test_f", test, *tags, points=points))


RIGHT = {
    "array": ("def f(x):\n    return 2 * x", "checks.close(f(np.ones(3)), [2, 2, 2], 'twice')"),
    "scalar": ("def f(x):\n    return 2 * x", "checks.equal(f(4), 8, 'twice')"),
    "keyword": ("def f(x, *, k=1):\n    return k * x", "checks.equal(f(4, k=3), 12, 'k times')"),
    "nested": (
        "def f(x):\n    return {'a': [x, (x, None)], 3: {1, 2}, 'z': 2**70, 'c': 1j}",
        "checks.equal(f('t'), {'a': ['t', ('t', None)], 3: {1, 2}, 'z': 2**70, 'c': 1j}, 'same')",
    ),
    "text array": (
        "def f():\n    return np.array(['a', 'bc'])",
        "assert f().tolist() == ['a', 'bc']",
    ),
    "slice": ("def f(x):\n    return slice(1, x)", "assert [1, 2, 3][f(2)] == [2]"),
    "dtype": ("def f(x):\n    return x.dtype", "assert f(np.ones(2, np.float32)) == np.float32"),
    "dtype class": ("def f(t):\n    return np.ones(2, t)", "checks.dtype(f(np.int8), np.int8)"),
    "range": ("def f():\n    return range(3)", "checks.equal(f(), [0, 1, 2], 'items')"),
    "long list": (
        "def f(x):\n    return [i / 2 for i in x]",
        "assert f(list(range(99)))[98] == 49",
    ),
    "call-back": (
        "def f(g, x):\n    return [g(x), g(np.array([x]))[0]]",
        "checks.close(f(lambda v: v**2, 3.0), [9, 9], 'squares')",
    ),
    "call-back of a student's function": (
        "def f(g, x):\n    return g(x)",
        "checks.equal(f(lambda v: f(lambda w: w + 1, v), 1), 2, 'to and fro')",
    ),
    "partial": (
        "def f(x, y):\n    return x - y",
        "import functools\nchecks.equal(functools.partial(f, 5)(2), 3, '5 - 2')",
    ),
    "returned function": (
        "def f(n):\n    return lambda x: n * x",
        "triple = f(3)\nchecks.equal(triple(2), 6, 'three times')",
    ),
    "raises": (
        "def f(x):\n    raise ValueError('no')",
        "checks.raises(ValueError, f, 1, sentence='refuses')",
    ),
    "raises numpy's": (
        "def f(x):\n    return np.linalg.inv(x)",
        "checks.raises(np.linalg.LinAlgError, f, np.zeros((2, 2)), sentence='singular')",
    ),
    "generator": (
        "def f(n):\n    for i in range(n):\n        yield np.full(2, i)",
        "checks.close(list(f(3)), [[0, 0], [1, 1], [2, 2]], 'three items')",
    ),
    "endless generator, read in part": (
        "import itertools\ndef f():\n    yield from itertools.count()",
        "g = f()\nassert [next(g), next(g)] == [0, 1]\n"
        "import itertools\nassert list(itertools.islice(f(), 3)) == [0, 1, 2]",
    ),
    "random generator": (
        "def f(draw):\n    return draw.normal(size=3)",
        "expected = np.random.default_rng(3).normal(size=3)\n"
        "checks.close(f(np.random.default_rng(3)), expected, 'the same draw')",
    ),
    "shared random numbers, seeded in the test": (
        "import random\ndef f():\n    return np.random.rand(), random.random()",
        "import random\ndef seed():\n    np.random.seed(4)\n    random.seed(4)\n"
        "seed()\nwanted = np.random.rand(), random.random()\n"
        "seed()\nassert f() == wanted\nassert f() != wanted\nseed()\nassert f() == wanted",
    ),
    "named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\n"
        "def f():\n    return P(1, 2)",
        "p = f()\nassert p.x == 1 and p[1] == 2",
    ),
    "gradient": (
        "def f(x):\n    return (x**2).sum()",
        "x = np.array([1.0, -2.0])\nchecks.gradient(f, x, 2 * x, 'slope of a square')",
    ),
    "a list holds its own errors": (
        "def f(x):\n    x.append(1)\n    return x",
        "x = [5]\nassert f(x) == [5, 1] and x == [5]",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_works_across_the_border(grade, name):
    source, test = RIGHT[name]
    bench = graded(grade, source, test)
    assert bench.scores == {"test_f": 1.0}, bench["test_f"]


CLASS = """
class f:
    kind = "counter"

    def __init__(self, start=0):
        self.values = np.array([float(start)])

    def __len__(self):
        return int(self.values[0])

    def __getitem__(self, i):
        return self.values[i]

    def __setitem__(self, i, value):
        self.values[i] = value

    def __iter__(self):
        return iter([1, 2, 3])

    def __next__(self):
        self.values += 1
        return self.values.copy(), "item"

    def __call__(self, x):
        return self.values + x

    def __enter__(self):
        self.values[:] = 100
        return self

    def __exit__(self, kind, error, traceback):
        self.values[:] = -1
        self.about = [kind is IndexError, isinstance(error, IndexError), str(error)]
        return kind is KeyError

    def __add__(self, other):
        made = f()
        made.values = self.values + (other.values if isinstance(other, f) else other)
        return made

    def __eq__(self, other):
        return bool((self.values == other.values).all())

    def double(self):
        self.values *= 2
        return self
"""
OBJECTS = {
    "attribute": "checks.close(f(3).values, [3], 'begins at 3')",
    "class attribute": "checks.equal(f.kind, 'counter', 'kind')",
    "attribute set": "c = f()\nc.values = np.array([7.0])\nchecks.close(c(1), [8], 'set')",
    "method": "checks.close(f(3).double().double().values, [12], 'doubled twice')",
    "length": "assert len(f(4)) == 4",
    "item": "c = f(4)\nc[0] = 6\nassert c[0] == 6",
    "iteration": "assert list(f()) == [1, 2, 3]",
    "next": "x, name = next(f(1))\nchecks.close(x, [2], 'one more')\nassert name == 'item'",
    "context": "c = f()\nwith c as d:\n    checks.close(d.values, [100], 'inside')\n"
    "checks.close(c.values, [-1], 'after')",
    "an exception within a context": "c = f()\ndef g():\n    with c:\n        [0][3]\n"
    "checks.raises(IndexError, g)\nchecks.equal(c.about, [True, True, ''], 'told its kind')\n"
    "with c:\n    {}['absent']\nchecks.equal(c.about, [False, False, ''], 'swallowed')",
    "operators": "checks.close((f(1) + f(2)).values, [3], '1 + 2')\n"
    "checks.close((f(1) + 5).values, [6], '1 + 5')",
    "equality": "assert f(1) == f(1) and not f(1) == f(2) and f(1) != f(2)",
    "isinstance": "assert isinstance(f(), f) and not isinstance(3, f)",
    "copy": "import copy\nc = f(1)\nd = copy.deepcopy(c)\nd.double()\n"
    "checks.close(c.values, [1], 'untouched')",
    "source": "checks.forbids(f, 'np.sort')\nchecks.vectorised(f)",
    "source of a method": "checks.forbids(f.double, 'np.sort')\nchecks.vectorised(f(1).double)",
    "identity": "c = f(1)\nassert c.double() is c",
}


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_of_the_instructors_class(grade, name):
    bench = graded(grade, CLASS, OBJECTS[name])
    assert bench.scores == {"test_f": 1.0}, bench["test_f"]


def test_what_a_test_made_is_still_there_in_the_next(grade):
    cells = [START, answer("f", CLASS), exam("test_f", "c = f(2)")]
    bench = grade(*cells, exam("test_g", "checks.close(c.double().values, [4], 'twice')"))
    assert bench.scores == {"test_f": 1.0, "test_g": 1.0}, bench["test_g"]


WRONG = {
    "wrong value": (
        "def f(x):\n    return 3 * x",
        "checks.equal(f(4), 8, 'twice')",
        "AssertionError",
    ),
    "error": ("def f(x):\n    return 1 / 0", "f(1)", "ZeroDivisionError"),
    "missing": ("", "f(1)", "NameError"),
    "not written": (
        "def f(x):\n    raise NotImplementedError('`f` is not written yet')",
        "f(1)",
        "NotImplementedError",
    ),
    "a class of its own": (
        "class E(Exception):\n    pass\n\ndef f(x):\n    raise E('odd')",
        "f(1)",
        "E",
    ),
    "end of the process by exception": ("def f(x):\n    raise SystemExit", "f(1)", "SystemExit"),
    "recursion": ("def f(x):\n    return f(x)", "f(1)", "RecursionError"),
    "a list in itself": (
        "def f(x):\n    x = []\n    x.append(x)\n    return x",
        "checks.equal(f(1), [], 'empty')",
        "NotSendableError",
    ),
    "a huge integer": (
        "def f(x):\n    return 1 << 10**7",
        "checks.equal(f(1), 1, 'one')",
        "NotSendableError",
    ),
    "a loop": (
        "def f(x):\n    for i in x:\n        pass",
        "checks.vectorised(f)",
        "AssertionError",
    ),
    "a forbidden name": (
        "def f(x):\n    return np.sort(x)",
        "checks.forbids(f, 'np.sort')",
        "AssertionError",
    ),
    "a forbidden name of another cell": (
        "from numpy import sort as tidy\nby = sorted\ndef f(x):\n    return by(tidy(x))",
        "checks.forbids(f, 'np.sort')",
        "AssertionError",
    ),
    "a changed argument": (
        "def f(x):\n    x += 1",
        "checks.unchanged(f, np.ones(3))",
        "AssertionError",
    ),
    "a changed argument behind a lambda": (
        "def f(x):\n    x['a'][0] = 2",
        "checks.unchanged(lambda x: f(x), {'a': [1]})",
        "AssertionError",
    ),
    "memory": (
        "def f(x):\n    return np.ones((300, 1000)).sum()",
        "checks.peak_memory(f, 1, at_most=1_000_000)",
        "AssertionError",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_earns_nothing(grade, name):
    source, test, error = WRONG[name]
    bench = graded(grade, source, test)
    assert bench.scores == {"test_f": 0.0}
    assert bench["test_f"].error == error, bench["test_f"]


def test_peak_memory_of_a_frugal_answer(grade):
    source = "def f(x):\n    return np.ones(1000).sum()"
    assert graded(grade, source, "checks.peak_memory(f, 1, at_most=100_000)").scores["test_f"] == 1


LIARS = {
    "an object equal to everything": (
        "class L:\n    __eq__ = lambda self, o: True\n    __array__ = lambda self, *a: np.ones(3)\n"
        "    shape = (3,)\n    __len__ = lambda self: 3\n    __bool__ = lambda self: True\n\n"
        "def f(x):\n    return L()",
        (
            "checks.close(f(1), [1, 1, 1], 'ones')",
            "assert f(1) == 3",
            "assert f(1)",
            "assert len(f(1))",
        ),
    ),
    "a float of its own": (
        "class F(float):\n    __eq__ = lambda self, o: True\n    __lt__ = __gt__ = __eq__\n\n"
        "def f(x):\n    return F(7)",
        (
            "checks.close(f(1), 3.0, 'three')",
            "assert f(1) == 3",
            "assert f(1) < 3",
            "assert abs(f(1) - 3) < 1",
        ),
    ),
    "an array of its own": (
        "class A(np.ndarray):\n    def __array_finalize__(self, o): pass\n"
        "    __eq__ = lambda self, o: np.array(True)\n\ndef f(x):\n    return np.zeros(3).view(A)",
        (
            "checks.close(f(1), [1, 1, 1], 'ones')",
            "assert np.allclose(f(1), 1)",
            "assert (f(1) == 1).all()",
        ),
    ),
    "a list of its own": (
        "class L(list):\n    __eq__ = lambda self, o: True\n\ndef f(x):\n    return L([1])",
        ("checks.equal(f(1), [2], 'two')", "assert f(1) == [2]"),
    ),
}


@pytest.mark.parametrize("name", LIARS)
def test_lying_objects_win_nothing(grade, name):
    source, tests = LIARS[name]
    cells = [exam(f"test_{n}", test) for n, test in enumerate(tests)]
    bench = grade(
        START, answer("f", source), *cells, original=[START, answer("f", "def f(x): 0"), *cells]
    )
    assert set(bench.scores.values()) == {0.0}, bench.findings


def test_changes_are_written_back_only_where_the_cell_says_so(grade):
    source = "def f(x, y):\n    x *= 2\n    y['a'].append(3)\n    y['b'][0] = 7\n    del y['c']\n"
    test = (
        "x, b = np.ones(2), np.zeros(2)\ny = {'a': [1], 'b': b, 'c': 1}\nf(x, y)\n"
        "checks.close(x, [2, 2], 'doubled')\nchecks.equal(y['a'], [1, 3], 'appended')\n"
        "checks.close(b, [7, 0], 'the same array')\nassert 'c' not in y"
    )
    assert graded(grade, source, test, "in-place").scores == {"test_f": 1.0}
    assert graded(grade, source, test).scores == {"test_f": 0.0}


def test_partial_credit_is_the_number_in_the_last_line(grade):
    right = "def f(x):\n    return x"
    assert graded(grade, right, "f(0.5)", points=2.0).scores == {"test_f": 0.5}
    assert graded(grade, right, "f(True)", points=2.0).scores == {"test_f": 2.0}
    assert graded(grade, right, "f(0.5);", points=2.0).scores == {"test_f": 2.0}
    assert graded(grade, right, "f('x')", points=2.0).scores == {"test_f": 2.0}


def test_an_error_shows_the_students_line_and_nothing_of_a_hidden_test(grade):
    source = "def f(x):\n    y = x\n    raise ValueError(f'I was given {x}')"
    bench = graded(grade, source, "f('open')")
    found = bench["test_f"]
    assert (found.error, found.message) == ("ValueError", "I was given open")
    assert [(frame.cell, frame.line) for frame in found.frames] == [(2, 1), (1, 3)]
    hidden = "### BEGIN HIDDEN TESTS\nf('secret')\n### END HIDDEN TESTS"
    found = graded(grade, source, hidden)["test_f"]
    assert found.error == "ValueError"
    assert found.frames[-1].line == 3
    assert "secret" not in found.model_dump_json()


def test_a_hidden_check_keeps_its_numbers_to_itself(grade):
    test = "### BEGIN HIDDEN TESTS\nchecks.close(f(1.0), 0.625, 'a number')\n### END HIDDEN TESTS"
    found = graded(grade, "def f(x):\n    return 4 * x", test)["test_f"]
    assert found.message.startswith("a number")
    assert "0.625" not in found.message


def test_what_the_judge_raises_in_a_call_back_tells_the_student_nothing(grade):
    source = (
        "said = []\n\ndef f(g):\n    try:\n        g(1)\n    except Exception as error:\n"
        "        said.append(repr(error))\n        raise\n"
    )
    test = (
        "def g(x):\n    raise KeyError('secret 41')\n\nchecks.raises(KeyError, f, g)\nlate = said"
    )
    bench = graded(grade, source, test + "\nassert 'secret' not in repr(late), late")
    assert bench.scores == {"test_f": 1.0}, bench["test_f"]


def test_demonstrations_are_skipped_unless_they_are_needed(grade):
    demo = given("np.savetxt('mark', [1])\nneeded = 5\nprint('demo ran')", "demo")
    unneeded = grade(
        START, demo, answer("f", "def f():\n    return 5"), exam("t", "assert f() == 5")
    )
    assert [found.cell for found in unneeded.findings.cells] == [0, 2, 3]
    bench = grade(
        START, demo, answer("f", "def f():\n    return needed"), exam("t", "assert f() == 5")
    )
    assert bench.scores == {"t": 1.0}
    assert [found.cell for found in bench.findings.cells] == [0, 1, 2, 3]


def test_a_test_runs_at_its_place_and_sees_given_names_of_before(grade):
    cells = [
        given("import numpy as np\nbase = 1"),
        answer("f", "def f():\n    return base"),
        exam("t1", "assert f() == base == 1"),
        given("base = 2"),
        exam("t2", "assert f() == base == 2"),
    ]
    assert grade(*cells).scores == {"t1": 1.0, "t2": 1.0}


def test_output_is_kept_up_to_a_limit(grade):
    bench = grade(START, answer("f", "print('x' * 10_000_000)\nf = 3\nf"), exam("t", "print(f)"))
    found = bench["f"]
    assert found.truncated
    assert sum(len(output.text) for output in found.outputs) < 200_000
    assert [output.text for output in bench["t"].outputs] == ["3\n"]


def test_names_are_seen_through_from_cell_to_cell(grade):
    before = [given("from numpy import sort as tidy\nby = sorted\nlib = np.linalg")]
    for body, forbidden in (
        ("tidy(x)", "np.sort"),
        ("by(x)", "sorted"),
        ("lib.norm(x)", "np.linalg.norm"),
    ):
        source = f"def f(x):\n    return {body}"
        test = f"checks.forbids(f, {forbidden!r})"
        bench = graded(grade, source, test, before=before)
        assert bench["f"].error is None
        assert bench["test_f"].error == "AssertionError", (body, bench["test_f"])
        assert graded(grade, source, "checks.forbids(f, 'np.argsort')", before=before).scores == {
            "test_f": 1.0
        }


FORGER = """
import types

class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: None

checks = np = expected = Anything()

def f(x):
    return 0
"""


def test_no_name_of_the_instructors_is_taken_from_a_student(grade):
    test = exam("test_f", "checks.equal(f(1), expected, 'one')")
    stub = answer("f", "def f(x):\n    pass")
    broken = given("import numpy as np\nfrom helpers import checks\nexpected = 1\n1 / 0")
    for start in (
        broken,
        given("expected = 1\nimport helpers.missing\nfrom helpers import checks"),
    ):
        bench = grade(start, answer("f", FORGER), test, original=[start, stub, test])
        assert bench.scores == {"test_f": 0.0}, bench["test_f"]
    stub = answer("f", "from helpers import checks\n\ndef f(x):\n    pass")
    bench = grade(answer("f", FORGER), test, original=[given("expected = 1"), stub, test])
    assert bench["test_f"].error == "AssertionError"


def test_tests_in_another_order_see_the_same_given_values(grade):
    first, second = exam("t1", "assert f() == 7 and base == 1"), exam("t2", "assert base == 2")
    cells = [given("base = 1"), answer("f", "def f():\n    return 7"), first, given("base = 2")]
    original = [*cells, second, given("base = 3"), exam("t3", "assert base == 3")]
    bench = grade(*cells[:2], second, original[-1], original=original)
    assert bench.scores == {"t2": 1.0, "t3": 1.0}
    bench = grade(*cells[:2], first, second, first, original=original)
    assert bench.scores["t2"] == 1.0


LOOP = """
def loops(x):
    for i in x:
        pass

def f(x):
    return x
"""
DISGUISED = {
    "a definition that never runs": (
        "def f(x):\n    for i in x:\n        pass\nif False:\n    def f(x):\n        return x"
    ),
    "a method of the name": (
        "def f(x):\n    for i in x:\n        pass\n"
        "class C:\n    def f(x):\n        return x"
    ),
    "an inner function of the name": (
        "def f(x):\n    for i in x:\n        pass\n"
        "def g():\n    def f(x):\n        return x"
    ),
    "other code": LOOP + "f.__code__ = loops.__code__",
    "another function under the name": LOOP + "globals()['f'] = loops",
    "a decorator that puts it there": LOOP.replace("def f", "@(lambda f: loops)\ndef f"),
    "a loop beside lines of IPython's": (
        "%matplotlib inline\ndef f(x):\n    for i in x:\n        pass"
    ),
    "a loop in partial": (
        "import functools\ndef g(a, x):\n    for i in x:\n        pass\n"
        "f = functools.partial(g, 1)"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISGUISED)
def test_a_loop_is_found_behind(grade, name):
    bench = graded(grade, DISGUISED[name], "checks.vectorised(f)")
    assert bench["f"].error is None
    assert bench["test_f"].error == "AssertionError"
    assert "for i in x:" in bench["test_f"].message


def test_two_definitions_in_two_cells_are_both_read(grade):
    cells = [
        given("import numpy as np\nfrom helpers import checks"),
        answer("g", "# helpers\n\ndef loops(x):\n    for i in x:\n        pass"),
        answer("f", "def f(x):\n    return x\n\nglobals()['f'] = loops"),
        exam("test_f", "checks.vectorised(f)"),
    ]
    bench = grade(*cells, original=[*cells[:2], answer("f", "def f(x):\n    pass"), cells[3]])
    assert bench.scores == {"test_f": 0.0}
    assert "for i in x:" in bench["test_f"].message


READ = {
    "a magic": "%matplotlib inline\ndef f(x):\n    return x",
    "a command": "def f(x):\n    return x\n\n!true",
    "a question": "def f(x):\n    return x\n\nf?",
    "partial": "import functools\ndef g(a, x):\n    return x\nf = functools.partial(g, 1)",
    "lru_cache": "import functools\n@functools.lru_cache\ndef f(x):\n    return x",
    "a wrapper": (
        "import functools\ndef timed(g):\n    @functools.wraps(g)\n    def h(*a):\n"
        "        return g(*a)\n    return h\n\n@timed\ndef f(x):\n    return x"
    ),
    "blank lines first": "\n  \n\ndef f(x):\n    return x",
    "a second definition": "def f(x):\n    for i in x: pass\n\ndef f(x):\n    return x",
}


@pytest.mark.parametrize("name", READ)
def test_the_source_is_read_in_spite_of(grade, name):
    bench = graded(grade, READ[name], "checks.vectorised(f)")
    assert bench.scores == {"test_f": 1.0}, bench["test_f"].message


def test_lines_are_counted_from_the_top_of_the_cell(grade):
    source = "\n   \n\ndef f(x):\n    y = 1\n    raise ValueError('here')"
    assert graded(grade, source, "f(1)")["test_f"].frames[-1].line == 6
    bench = graded(grade, "\n\ndef f(x):\n    return (\n", "f(1)")
    assert bench["f"].frames[-1].line == 4


SAID = {
    "a generator": ("yield 1", "your result is a generator, which gives its items one by one"),
    "map": ("return map(abs, [x])", "your result is a map, which gives its items one by one"),
    "a function": ("return f", "your result is a function; was it to be called"),
    "a class": ("class C: pass\n    return C", "your result is a class; was an object of it"),
    "a ragged array": (
        "return np.array([[1], [1, 2]], dtype=object)",
        "your result is an array of Python objects, dates or records, not of numbers",
    ),
    "dates": ("return np.zeros(3, 'M8[s]')", "your result is an array of Python objects, dates"),
    "a matrix": ("return np.matrix([[1]])", "your result is an `np.matrix`"),
    "a masked array": ("return np.ma.array([1])", "your result is a masked array"),
    "a file of numbers": (
        "return np.memmap('x', dtype=float, mode='w+', shape=3)",
        "your result is a `memmap`, a subclass of array",
    ),
    "an object": ("return object()", "your result is an object of class `object`"),
}


@pytest.mark.parametrize("name", SAID)
def test_of_an_odd_result_is_said_what_it_is(grade, name):
    body, sentence = SAID[name]
    bench = graded(grade, f"def f(x):\n    {body}", "checks.close(f(1), [1, 2, 3], 'so')")
    assert bench.scores == {"test_f": 0.0}
    assert sentence in bench["test_f"].message


def test_an_error_cannot_command_a_terminal(grade):
    source = (
        "def f(x):\n    raise type('E\\x1b[31m', (ValueError,), {})('\\x1b]0;a\\x07\\u202eb\\x9b')"
    )
    bench = graded(grade, source, "f(1)")
    shown = f"{bench['test_f'].error} {bench['test_f'].message}"
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
