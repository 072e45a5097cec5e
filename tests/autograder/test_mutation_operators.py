"""Every generic mistake, on a line that invites it: what exactly is planted there."""

import ast
import textwrap

import pytest

from autograder.mutation.generate import generic_mutants


def mutants_of(body: str) -> list[tuple[str, str]]:
    """Give (operator, line afterwards) of all mutants of a function with this body."""
    source = "def f(x, y, z, n, i):\n" + textwrap.indent(body, "    ") + "\n"
    return [(mutant.operator, mutant.added) for mutant in generic_mutants(source)]


LINES = [
    # axes and reductions
    (
        "return x.sum(axis=0, keepdims=True)",
        [
            ("axis changed", "return x.sum(axis=1, keepdims=True)"),
            ("axis dropped", "return x.sum(keepdims=True)"),
            ("keepdims dropped", "return x.sum(axis=0)"),
            ("wrong reduction", "return x.mean(axis=0, keepdims=True)"),
        ],
    ),
    (
        "return np.mean(x, 1)",
        [
            ("axis changed", "return np.mean(x, 0)"),
            ("axis dropped", "return np.mean(x)"),
            ("wrong reduction", "return np.sum(x, 1)"),
        ],
    ),
    (
        "return x.max(axis=-1)",
        [
            ("axis changed", "return x.max(axis=0)"),
            ("axis dropped", "return x.max()"),
            ("wrong reduction", "return x.min(axis=-1)"),
        ],
    ),
    (
        "return x.std(axis=n)",
        [
            ("axis changed", "return x.std(axis=0)"),
            ("axis changed", "return x.std(axis=1)"),
            ("axis dropped", "return x.std()"),
            ("wrong reduction", "return x.var(axis=n)"),
        ],
    ),
    (
        "return x.mean(axis=(1, 2))",
        [
            ("axis changed", "return x.mean(axis=1)"),
            ("axis changed", "return x.mean(axis=2)"),
            ("axis dropped", "return x.mean()"),
            ("wrong reduction", "return x.sum(axis=(1, 2))"),
            ("off by one", "return x.mean(axis=(2, 2))"),
            ("off by one", "return x.mean(axis=(0, 2))"),
            ("off by one", "return x.mean(axis=(1, 3))"),
            ("off by one", "return x.mean(axis=(1, 1))"),
        ],
    ),
    (
        "return np.linalg.norm(x, axis=1)",
        [
            ("axis changed", "return np.linalg.norm(x, axis=0)"),
            ("axis dropped", "return np.linalg.norm(x)"),
        ],
    ),
    ("return np.concatenate(x, axis=0)", [("axis changed", "return np.concatenate(x, axis=1)")]),
    (
        "return np.argmax(x)",
        [("wrong reduction", "return np.argmin(x)")],
    ),
    (
        "return np.argsort(x)",
        [("order turned round", "return np.argsort(-x)")],
    ),
    # functions
    ("return np.zeros_like(x)", [("wrong function", "return np.ones_like(x)")]),
    (
        "return np.log(x)",
        [
            ("base of logarithm", "return np.log2(x)"),
            ("base of logarithm", "return np.log10(x)"),
            ("function forgotten", "return x"),
        ],
    ),
    ("return np.sqrt(x)", [("function forgotten", "return x")]),
    ("return abs(x)", [("function forgotten", "return x")]),
    (
        "return np.maximum(x, 0)",
        [
            ("wrong function", "return np.minimum(x, 0)"),
            ("bound forgotten", "return x"),
            ("off by one", "return np.maximum(x, 1)"),
        ],
    ),
    ("return max(x)", [("wrong reduction", "return min(x)")]),
    # copies, types
    ("return x.copy()", [("copy removed", "return x")]),
    ("return np.array(x)", [("copy removed", "return np.asarray(x)")]),
    ("return np.array([x, y])", []),
    ("return zip(x, y, strict=True)", []),
    ("return list(x)", [("copy removed", "return x")]),
    ("return x.astype(int)", [("cast dropped", "return x")]),
    (
        "return np.float64(x)",
        [("float32 cast", "return np.float32(x)"), ("integer type", "return int(x)")],
    ),
    (
        "return np.asarray(x, dtype=float)",
        [
            ("float32 cast", "return np.asarray(x, dtype=np.float32)"),
            ("integer type", "return np.asarray(x, dtype=int)"),
        ],
    ),
    ("return np.zeros(n)", [("wrong function", "return np.ones(n)")]),
    # keywords and arguments
    (
        "return np.searchsorted(x, y, side='left')",
        [
            ("keyword dropped", "return np.searchsorted(x, y)"),
            ("keyword changed", "return np.searchsorted(x, y, side='right')"),
            ("arguments swapped", "return np.searchsorted(y, x, side='left')"),
        ],
    ),
    ("return np.random.default_rng(n)", [("seed ignored", "return np.random.default_rng(0)")]),
    ("return rng.permutation(n)", [("not shuffled", "return np.arange(n)")]),
    ("return np.outer(x, y)", [("arguments swapped", "return np.outer(y, x)")]),
    ("return isinstance(x, y)", []),
    ("return np.where(x, y, z)", [("branches swapped", "return np.where(x, z, y)")]),
    (
        "return np.einsum('ij,jk->ik', x, y)",
        [("result transposed", "return np.einsum('ij,jk->ki', x, y)")],
    ),
    (
        "return range(n)",
        [
            ("range off by one", "return range(n - 1)"),
            ("range off by one", "return range(n + 1)"),
            ("range off by one", "return range(1, n)"),
        ],
    ),
    # subscripts
    ("return x[i, n]", [("indices swapped", "return x[n, i]")]),
    ("return x[:, None]", [("indices swapped", "return x[None, :]")]),
    ("return x[::-1]", [("not reversed", "return x")]),
    (
        "return x[n:]",
        [("slice off by one", "return x[n + 1:]"), ("slice left open", "return x[:]")],
    ),
    (
        "return x[:n]",
        [
            ("slice off by one", "return x[:n - 1]"),
            ("slice off by one", "return x[:n + 1]"),
            ("slice left open", "return x[:]"),
        ],
    ),
    (
        "return x[1:, 0]",
        [
            ("indices swapped", "return x[0, 1:]"),
            ("slice left open", "return x[:, 0]"),
            ("off by one", "return x[2:, 0]"),
            ("off by one", "return x[0:, 0]"),
            ("off by one", "return x[1:, 1]"),
        ],
    ),
    # arithmetic
    (
        "return x + y",
        [("sign", "return x - y"), ("term dropped", "return x"), ("term dropped", "return y")],
    ),
    (
        "return x - y",
        [
            ("sign", "return x + y"),
            ("difference turned round", "return y - x"),
            ("term dropped", "return x"),
        ],
    ),
    (
        "return (x - y) ** 2",
        [
            ("power dropped", "return x - y"),
            ("sign", "return (x + y) ** 2"),
            ("term dropped", "return x ** 2"),
            ("off by one", "return (x - y) ** 3"),
        ],
    ),
    (
        "return x - max(x)",
        [
            ("sign", "return x + max(x)"),
            ("difference turned round", "return max(x) - x"),
            ("maximum not subtracted", "return x"),
            ("wrong reduction", "return x - min(x)"),
        ],
    ),
    ("return -x", [("minus forgotten", "return x")]),
    (
        "return x / (y + 1e-8)",
        [
            ("divisor dropped", "return x"),
            ("multiplication for division", "return x * (y + 1e-08)"),
            ("whole-number division", "return x // (y + 1e-08)"),
            ("sign", "return x / (y - 1e-08)"),
            ("epsilon dropped", "return x / y"),
        ],
    ),
    (
        "return x * y",
        [
            ("factor dropped", "return x"),
            ("factor dropped", "return y"),
            ("division for multiplication", "return x / y"),
        ],
    ),
    ("return [x] * n", []),
    (
        "return 1 - 2 * x",
        [
            ("sign", "return 1 + 2 * x"),
            ("difference turned round", "return 2 * x - 1"),
            ("off by one", "return 2 - 2 * x"),
            ("factor dropped", "return 1 - x"),
            ("division for multiplication", "return 1 - 2 / x"),
            ("off by one", "return 1 - 3 * x"),
        ],
    ),
    ("return x // n", [("true division", "return x / n")]),
    ("return x % n", [("remainder dropped", "return x")]),
    (
        "return x @ y.T",
        [
            ("operands swapped", "return y.T @ x"),
            ("transposition dropped", "return x @ y"),
        ],
    ),
    ("return np.transpose(x)", [("transposition dropped", "return x")]),
    # constants
    ("return 0", [("off by one", "return 1")]),
    ("return 1", [("off by one", "return 2"), ("off by one", "return 0")]),
    (
        "return -1",
        [
            ("minus forgotten", "return 1"),
            ("off by one", "return 0"),
            ("off by one", "return -2"),
        ],
    ),
    ("return 0.0", [("0 and 1", "return 1.0")]),
    ("return 0.5", [("constant doubled", "return 1.0")]),
    ("return 1e-12", []),
    ("return True", [("truth value", "return False")]),
    ("return x.reshape(-1, 2)", []),
    # comparison and logic
    (
        "return x < y",
        [("boundary", "return x <= y"), ("comparison turned round", "return x > y")],
    ),
    (
        "return x >= y",
        [("boundary", "return x > y"), ("comparison turned round", "return x <= y")],
    ),
    (
        "return n < 1",
        [
            ("boundary", "return n <= 1"),
            ("comparison turned round", "return n > 1"),
            ("off by one", "return n < 0"),
        ],
    ),
    ("return x == y", [("comparison negated", "return x != y")]),
    ("return x is None", [("comparison negated", "return x is not None")]),
    (
        "return x and y",
        [
            ("and/or", "return x or y"),
            ("condition dropped", "return y"),
            ("condition dropped", "return x"),
        ],
    ),
    (
        "return x & y",
        [
            ("and/or", "return x | y"),
            ("condition dropped", "return x"),
            ("condition dropped", "return y"),
        ],
    ),
    ("return not x", [("not dropped", "return x")]),
    ("return ~x", [("not dropped", "return x")]),
    (
        "return x if n else y",
        [("condition always true", "return x"), ("condition always false", "return y")],
    ),
    # several results
    ("return x, y", [("results swapped", "return (y, x)")]),
    (
        "return x, y, z",
        [("results swapped", "return (y, x, z)"), ("results swapped", "return (x, z, y)")],
    ),
    # left alone
    ("return f'{x + 1} of {n}'", []),
    ("return 'left'", []),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_expression_operators(line, expected):
    assert mutants_of(line) == expected


@pytest.mark.parametrize(
    ("what", "left"),
    [("x", "x"), ("np.unique(y)", "np.unique(y)"), ("y[:n]", "y[:n]")]
    + [(count, f"np.arange({count})") for count in ("n", "len(x)", "x.shape[0]", "10")],
)
def test_a_forgotten_shuffle_leaves_the_array_or_counts(what, left):
    found = mutants_of(f"shuffled = rng.permutation({what})\nreturn shuffled + x.shape[i]")
    assert ("not shuffled", f"shuffled = {left}") in found


SOLUTION = '''
def scale(x: int = 1 + 1, factor=2):
    """Scale 1 + 1 things.

    Args:
        x: any.
    """
    offset = 3  # given
    ### BEGIN SOLUTION
    if factor < 0:
        raise ValueError("negative: " + str(factor - 1))
    return x * factor
    ### END SOLUTION
'''


def test_only_the_solution_region_is_changed():
    mutants = generic_mutants(SOLUTION)
    assert {mutant.line for mutant in mutants} == {10, 11, 12}
    assert all("offset = 3" in mutant.source for mutant in mutants)
    assert all("x: int=1 + 1, factor=2" in mutant.source for mutant in mutants)
    assert all("'negative: ' + str(factor - 1)" in m.source or m.added == "pass" for m in mutants)
    assert all("Scale 1 + 1 things" in mutant.source for mutant in mutants)


def test_mutants_differ_from_each_other_and_from_the_solution():
    original = ast.unparse(ast.parse(SOLUTION))
    texts = [mutant.source for mutant in generic_mutants(SOLUTION)]
    assert len(texts) == len(set(texts)) == 6
    assert original not in texts
    assert generic_mutants(SOLUTION) == generic_mutants(SOLUTION)


def test_the_difference_names_line_and_mistake():
    mutant = generic_mutants(SOLUTION)[0]
    assert mutant.diff.splitlines() == [
        "--- solution",
        "+++ line 10: boundary",
        "@@ -7,3 +7,3 @@",
        "     offset = 3",
        "-    if factor < 0:",
        "+    if factor <= 0:",
        "         raise ValueError('negative: ' + str(factor - 1))",
    ]


def test_a_default_argument_within_the_solution_is_changed():
    source = "### BEGIN SOLUTION\ndef f(n=0):\n    return n\n### END SOLUTION\n"
    assert [mutant.added for mutant in generic_mutants(source)] == ["def f(n=1):"]
