"""In the hidden part of a test cell a message keeps its words and loses its numbers."""

import linecache
import re

import numpy as np
import pytest

from helpers import checks

PREPARE = """\
import numpy as np
from helpers import checks

def times_three(x):
    return 3 * x

def shift(x):
    x -= 7.25
    return x

def fails(x):
    raise KeyError(f"secret {x}")
"""
X = "np.array([[1.5, 2.5], [6.5, 8.5]])"
CALLS = {
    "close": f"checks.close(times_three({X}), {X}, 'the sentence')",
    "close, shape": f"checks.close({X}[0], {X}, 'the sentence')",
    "close, factor": f"checks.close(0.37 * {X}, {X}, 'the sentence')",
    "close, offset": f"checks.close(0.37 + {X}, {X}, 'the sentence')",
    "close, fraction": f"checks.close({X} / 16, {X}, 'the sentence')",
    "close, list": f"checks.close([3, {X}], [4, {X}], 'the sentence')",
    "equal": "checks.equal([41, 'x'], [42, 'x'], 'the sentence')",
    "equal, keys": "checks.equal({'a41': 1}, {'b42': 1}, 'the sentence')",
    "equal, lengths": "checks.equal([41], [42, 43], 'the sentence')",
    "equal, arrays": f"checks.equal({X}, 2 * {X}, 'the sentence')",
    "true": "checks.true(41 == 42, 'the sentence')",
    "true, odd": "checks.true(41, 'the sentence')",
    "raises": f"checks.raises(ValueError, times_three, {X}, sentence='the sentence')",
    "raises, other": f"checks.raises(ValueError, fails, {X}, sentence='the sentence')",
    "unchanged": f"checks.unchanged(shift, {X})",
    "gradient": f"checks.gradient(lambda x: (x**2).sum(), {X}, {X}, 'the sentence')",
    "memory": "checks.peak_memory(np.ones, 4321, at_most=1234, sentence='the sentence')",
}
STRUCTURE = re.compile(r"shape \([\d, ]*\)|(float|int)\d+|line \d+|argument \d|item \d|axis \d")


def message_of(source: str, name: str) -> str:
    """Run a cell whose source is registered as IPython and the grader do it."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    with pytest.raises(AssertionError) as caught:
        exec(compile(source, name, "exec"), {})
    return str(caught.value)


@pytest.mark.parametrize("name", CALLS)
def test_hidden_messages_have_no_numbers(name):
    call = CALLS[name]
    hidden = message_of(
        f"{PREPARE}\n### BEGIN HIDDEN TESTS\n{call}\n### END HIDDEN TESTS\n", f"<hidden {name}>"
    )
    visible = message_of(f"{PREPARE}\n{call}\n", f"<visible {name}>")
    assert hidden.split("\n")[0] == visible.split("\n")[0]
    assert not re.search(r"\d", STRUCTURE.sub("", hidden)), hidden
    assert "secret [[" not in hidden
    assert re.search(r"\d", STRUCTURE.sub("", visible)) or name in ("true", "equal, lengths")


def test_hidden_messages_keep_shapes_dtypes_and_the_cause():
    hidden = message_of(
        f"{PREPARE}\n### BEGIN HIDDEN TESTS\n{CALLS['close']}\n", "<hidden with its cause>"
    )
    assert hidden.split("\n") == [
        "the sentence",
        "  came    shape (2, 2), float64",
        "  wanted  shape (2, 2), float64",
        "  Likely cause: your result is a whole multiple of the expected one: "
        "a sum where a mean is asked?",
    ]


def test_before_and_after_the_region_numbers_are_shown():
    region = "### BEGIN HIDDEN TESTS\nhidden = 1\n### END HIDDEN TESTS\n"
    for source in (f"{CALLS['close']}\n{region}", f"{region}{CALLS['close']}\n"):
        assert "worst at [1, 1]" in message_of(PREPARE + source, f"<around {len(source)}>")


def test_a_region_inside_a_function_and_indented_marks_count():
    body = f"def test():\n    ### BEGIN HIDDEN TESTS\n    {CALLS['close']}\n"
    body += "    ### END HIDDEN TESTS\n"
    assert "worst" not in message_of(f"{PREPARE}\n{body}\ntest()\n", "<in a function>")


def test_a_visible_function_called_from_the_region_is_hidden():
    body = f"def test():\n    {CALLS['close']}\n### BEGIN HIDDEN TESTS\ntest()\n"
    assert "worst" not in message_of(f"{PREPARE}\n{body}", "<called from there>")


def test_a_call_over_several_lines_counts_where_it_begins():
    call = CALLS["close"].replace(", 'the", ",\n    'the")
    source = f"{PREPARE}\n### BEGIN HIDDEN TESTS\n{call}\n### END HIDDEN TESTS\n"
    assert "worst" not in message_of(source, "<several lines>")


def test_without_any_source_numbers_are_shown():
    with pytest.raises(AssertionError, match="worst"):
        exec(compile("checks.close(1.5, 2.25, 's')", "<nowhere>", "exec"), {"checks": checks})


def test_in_a_notebook_shell():
    shells = pytest.importorskip("IPython.core.interactiveshell")
    shell = shells.InteractiveShell()
    shell.showtraceback = lambda *args, **kwargs: None
    for mark, shown in (("### BEGIN HIDDEN TESTS", False), ("# nothing", True)):
        source = f"{PREPARE}\n{mark}\n{CALLS['close']}"
        error = shell.run_cell(source, store_history=False).error_in_exec
        assert isinstance(error, AssertionError)
        assert ("worst" in str(error)) is shown


def test_an_expected_array_does_not_show_through_the_traceback_text():
    source = (
        f"{PREPARE}\n### BEGIN HIDDEN TESTS\nexpected = {X}\n"
        "checks.close(times_three(expected), expected, 'the sentence')\n"
    )
    assert str(np.array([1.5])[0]) not in message_of(source, "<expected>")
