"""checks.raises, unchanged and peak_memory."""

import tracemalloc

import numpy as np
import pytest

from helpers import checks
from helpers.checks import source, watch
from helpers.checks.watch import measure_peak


def message(check, *args, **kwargs) -> str:
    with pytest.raises(AssertionError) as caught:
        check(*args, **kwargs)
    return str(caught.value)


# --- raises ------------------------------------------------------------------------------------


def refuses(x, *, limit=0):
    if x < limit:
        raise ValueError("x is negative")
    return np.sqrt(x)


def stumbles(x):
    return x.nothing_like_this


def stub(x):
    raise NotImplementedError("`stub` is not written yet")


def test_raises_passes():
    checks.raises(ValueError, refuses, -1)
    checks.raises((TypeError, ValueError), refuses, -1)
    checks.raises(Exception, refuses, -1)
    checks.raises(ValueError, refuses, 1, limit=2)
    checks.raises(NotImplementedError, stub, 1)


def test_nothing_raised():
    assert message(checks.raises, ValueError, refuses, 4).split("\n") == [
        "`refuses` raises ValueError",
        "  came    no error; the call returned a single number, float64: 2.",
        "  wanted  ValueError",
    ]
    assert message(checks.raises, ValueError, refuses, 4, sentence="negative").startswith("negat")
    assert "object of class function" in message(checks.raises, ValueError, lambda: refuses)


def test_another_error_shows_the_students_line():
    assert message(checks.raises, (ValueError, KeyError), stumbles, 1).split("\n") == [
        "`stumbles` raises ValueError or KeyError",
        "  came    AttributeError: 'int' object has no attribute 'nothing_like_this'",
        f"  in line {stumbles.__code__.co_firstlineno + 1} of the cell: return x.nothing_like_this",
        "  wanted  ValueError or KeyError",
    ]


def test_the_line_is_the_students_even_when_a_library_raised():
    def calls_numpy(x):
        return np.linalg.inv(x)

    text = message(checks.raises, KeyError, calls_numpy, np.zeros((2, 2)))
    assert "LinAlgError" in text
    assert "return np.linalg.inv(x)" in text


def test_an_error_without_a_line_of_the_students():
    assert "came    ValueError: math domain error" in message(
        checks.raises, KeyError, __import__("math").sqrt, -1
    )


def test_an_error_whose_text_fails_is_shown_all_the_same():
    class OddError(Exception):
        def __str__(self):
            raise RuntimeError

    def raises_it():
        raise OddError

    text = message(checks.raises, ValueError, raises_it)
    assert "came    OddError: (its text cannot be shown)" in text


def test_what_is_not_written_yet_stays_so():
    for kind in (ValueError, Exception, RuntimeError, (KeyError, RuntimeError)):
        with pytest.raises(NotImplementedError, match="not written yet"):
            checks.raises(kind, stub, 1)


def test_an_interruption_is_not_caught():
    def interrupts():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checks.raises(ValueError, interrupts)


# --- unchanged ---------------------------------------------------------------------------------


def test_unchanged_passes_and_calls_once():
    calls = []

    def looks(*args, **kwargs):
        calls.append((args, kwargs))
        return args

    array = np.array([1.0, np.nan])
    checks.unchanged(looks, array, [1, [2]], {"a": array}, {1}, (array,), "x", 1, None, y=array)
    assert len(calls) == 1
    assert calls[0][0][0] is array


@pytest.mark.parametrize(
    ("change", "argument", "words"),
    [
        (lambda x: x.__iadd__(1), np.zeros((2, 2)), "at [0, 0] it was 0 and is 1 now"),
        (lambda x: x.__setitem__(1, np.nan), np.zeros(2), "at [1] it was 0 and is nan now"),
        (lambda x: x.__setitem__((), 2), np.array(1), "it was 1 and is 2 now"),
        (lambda x: x.sort(), np.array([2, 1]), "at [0] it was 2 and is 1 now"),
        (
            lambda x: x.resize(3, refcheck=False),
            np.zeros(2),
            "had shape (2,), float64, and has shape (3,)",
        ),
        (lambda x: x.append(1), [1], "had 1 items and has 2 now"),
        (lambda x: x[0].append(1), [[]], "[0] had 0 items and has 1 now"),
        (lambda x: x.__setitem__(0, 5), [1], "[0] is another object now"),
        (lambda x: x.__setitem__(0, 1.0), [1], "[0] is of another type now"),
        (lambda x: x.__setitem__("b", 5), {"a": 1}, "has other keys now"),
        (lambda x: x.__setitem__("a", 5), {"a": 1}, "['a'] is another object now"),
        (lambda x: x["a"].__iadd__(1), {"a": np.zeros(1)}, "at ['a'][0] it was 0 and is 1 now"),
        (lambda x: x.add(2), {1}, "has other items now"),
        (lambda x: x[0].fill(1), (np.zeros(1),), "at [0][0] it was 0 and is 1 now"),
        (lambda x: x.__setitem__(0, "b"), np.array(["a"]), "its element at [0] is another one"),
    ],
)
def test_changes_are_seen(change, argument, words):
    text = message(checks.unchanged, change, argument)
    assert "leaves its arguments as they were" in text
    assert "argument 1 was changed: " in text
    assert words in text
    assert "Likely cause: an in-place change" in text


def test_each_changed_argument_is_named():
    def changes_two(a, b, c=None):
        b += 1
        c.append(1)

    text = message(checks.unchanged, changes_two, np.zeros(1), np.zeros(1), c=[])
    assert "argument 1 " not in text
    assert "argument 2 was changed" in text
    assert "`c` was changed" in text


def test_a_view_of_an_argument_counts():
    def through_a_view(x):
        x.reshape(-1)[0] = 7

    assert "at [0, 0] it was 0 and is 7" in message(
        checks.unchanged, through_a_view, np.zeros((2, 2))
    )


def test_tensors_are_watched():
    torch = pytest.importorskip("torch")
    tensor = torch.zeros(2, requires_grad=True)
    checks.unchanged(lambda x: x + 1, tensor)
    assert "it was 0 and is 1 now" in message(
        checks.unchanged, lambda x: x.data.add_(1), torch.zeros(2)
    )


def test_an_error_in_the_function_is_the_students():
    with pytest.raises(AttributeError, match="nothing_like_this"):
        checks.unchanged(stumbles, 1)


# --- peak_memory -------------------------------------------------------------------------------


def with_temporary(x):
    return (x[:, None] * x[None, :]).sum(axis=1)


def without(x):
    return x * x.sum()


def test_peak_memory():
    x = np.ones(500)
    checks.peak_memory(without, x, at_most=20_000)
    text = message(checks.peak_memory, with_temporary, x, at_most=20_000)
    assert text.startswith("`with_temporary` makes no large temporary array\n  came    2.")
    assert "wanted  at most 20000 bytes" in text
    checks.peak_memory(with_temporary, x, at_most=2.2e6)


def test_a_sentence_can_be_given():
    assert message(
        checks.peak_memory, np.zeros, shape=9999, at_most=1, sentence="no memory"
    ).startswith("no memory\n")


def test_caches_of_the_first_call_do_not_count():
    cache = []

    def fills_a_cache():
        if not cache:
            cache.append(np.ones(100_000))

    checks.peak_memory(fills_a_cache, at_most=10_000)


def test_the_tracing_is_left_as_it_was():
    assert not tracemalloc.is_tracing()
    with pytest.raises(AttributeError):
        measure_peak(stumbles, (1,), {})
    assert not tracemalloc.is_tracing()
    tracemalloc.start()
    before = np.ones(100_000)
    assert measure_peak(without, (np.ones(10),), {}) < before.nbytes
    assert tracemalloc.is_tracing()
    tracemalloc.stop()


def test_a_grader_can_put_its_own_watchers_in_place(monkeypatch):
    change = watch.Change("argument 1", "seen elsewhere")
    monkeypatch.setattr(watch, "call_and_watch", lambda f, args, kwargs: [change])
    monkeypatch.setattr(watch, "measure_peak", lambda f, args, kwargs: 10**9)
    monkeypatch.setattr(source, "source_of", lambda f: f)
    assert "seen elsewhere" in message(checks.unchanged, without, np.ones(1))
    assert "1000.0 MB" in message(checks.peak_memory, without, np.ones(1), at_most=1)
    with pytest.raises(AttributeError):
        checks.vectorised(without)
