"""checks.close, equal, true, shape and dtype: what passes, what does not, and what they say."""

import collections
import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers import checks

SENTENCE = "two equal scores share the probability"


def message(check, *args, **kwargs) -> str:
    with pytest.raises(AssertionError) as caught:
        check(*args, **kwargs)
    assert caught.value.__suppress_context__
    return str(caught.value)


# --- close -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (0.5, 0.5),
        (np.float64(0.5), 0.5),
        (np.array(0.5), 0.5),
        ([1, 2], np.array([1.0, 2.0])),
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (np.array([1, 2], np.uint8), [1, 2]),
        (np.array([True, False]), [True, False]),
        (np.array([1, 0]), [True, False]),
        ([1.0, 0.0], [True, False]),
        (1 + 1e-11, 1.0),
        (1e6 + 1e-5, 1e6),
        (np.float32(1.00005), np.float32(1)),
        (0.1 + 0.2, np.float32(0.3)),
        (np.float32(3.00001), 3),
        (3.0, 3),
        ([np.nan, np.inf, -np.inf], [np.nan, np.inf, -np.inf]),
        (1 + 2j, 1 + 2j),
        (np.empty((0, 3)), np.empty((0, 3))),
        ([], []),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
        ([np.array([1.0, 2.0]), np.array([3.0, 4.0])], [[1, 2], [3, 4]]),
        ([np.zeros((2, 3)), np.zeros(3)], [np.zeros((2, 3)), np.zeros(3)]),
        ((np.zeros((2, 3)), 1.5), (np.zeros((2, 3)), 1.5)),
    ],
)
def test_close_passes(got, expected):
    assert checks.close(got, expected, SENTENCE) is None


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (0.6, 0.5),
        (1 + 1e-9, 1.0),
        (1 + 1e-9, 1),
        (1, 2),
        (2**60 + 1, 2**60),
        (0.9999999, True),
        (np.array([255], np.uint8), [256]),
        (np.array([2**64 - 1], np.uint64), [-1]),
        (np.float32(1.0005), np.float32(1)),
        (np.nan, 1.0),
        (1.0, np.nan),
        (np.inf, 1.0),
        (1.0, np.inf),
        (-np.inf, np.inf),
        (np.float64(1e308), np.inf),
        ([1.0, 2.0], [1.0]),
        ([[1.0]], [1.0]),
        (1.0, [1.0]),
        ([], [1.0]),
        (np.empty((0, 3)), np.empty((3, 0))),
        (1 + 2j, 1.0),
        ([np.zeros((2, 3))], [np.zeros((2, 3)), np.zeros(3)]),
        ([np.zeros((2, 3)), np.ones(3)], [np.zeros((2, 3)), np.zeros(3)]),
        (np.zeros((2, 3)), [np.zeros((2, 3)), np.zeros(3)]),
        (3, [np.zeros((2, 3)), np.zeros(3)]),
    ],
)
def test_close_fails(got, expected):
    assert message(checks.close, got, expected, SENTENCE).startswith(SENTENCE)


def test_close_says_what_came_and_where():
    got = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    expected = got.copy()
    expected[2, 0] = 4.5
    expected[0, 1] = 2.1
    assert message(checks.close, got, expected, SENTENCE).split("\n") == [
        SENTENCE,
        "  came    shape (3, 2), float64: [[1., 2.], [3., 4.], [5., 6.]]",
        "  wanted  shape (3, 2), float64: [[1. , 2.1], [3. , 4. ], [4.5, 6. ]]",
        "  worst at [2, 0]: came 5, wanted 4.5; error 0.5, at most 4.5e-10 is allowed",
        "  2 of 6 elements are wrong",
    ]


def test_close_shows_the_digits_that_differ():
    text = message(checks.close, 0.75 + 1e-8, 0.75, SENTENCE)
    assert "worst: came 0.75000001, wanted 0.75; error 1e-08" in text


def test_close_says_of_nan_only_that_it_came():
    text = message(checks.close, [np.nan, 1.0], [2.0, 1.0], SENTENCE)
    assert "worst at [0]: came nan, wanted 2\n" in text


def test_equal_shows_arrays_in_containers_by_their_shape():
    text = message(checks.equal, (np.arange(50), np.arange(2)), 3, SENTENCE)
    assert "came    (array of shape (50,), int64, array([0, 1])) (tuple)" in text


def test_close_says_when_it_must_be_exact():
    text = message(checks.close, [1, 2, 4], [1, 2, 7], SENTENCE)
    assert "worst at [2]: came 4, wanted 7; error 3, it must be exact" in text


def test_close_leaves_large_arrays_unwritten():
    text = message(checks.close, np.zeros(1000), np.arange(1000.0) ** 3, SENTENCE)
    assert len(text) < 500
    assert "shape (1000,), float64\n" in text


def test_close_names_the_shapes():
    text = message(checks.close, np.zeros((2, 5)), np.zeros((2, 3)), SENTENCE)
    assert "shape (2, 5), float64" in text
    assert "shape (2, 3), float64" in text
    assert "the shapes differ" in text


def test_close_of_a_list_of_arrays_names_the_item():
    got = [np.zeros((2, 3)), np.ones(3)]
    assert message(checks.close, got, [np.zeros((2, 3)), np.zeros(3)], SENTENCE).startswith(
        f"{SENTENCE} (item 1)\n"
    )


def test_tolerances_given():
    checks.close(1.05, 1.0, SENTENCE, atol=0.1)
    checks.close(105.0, 100.0, SENTENCE, rtol=0.1)
    checks.close(0.05, 0.0, SENTENCE, rtol=0.1)
    checks.close(1.15, 1.0, SENTENCE, rtol=0.1, atol=0.1)
    message(checks.close, 1.15, 1.0, SENTENCE, atol=0.1)
    message(checks.close, 0.05, 0.0, SENTENCE, rtol=0.1, atol=0.0)
    message(checks.close, 105.0, 100.0, SENTENCE, atol=0.1)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6)),
    st.floats(-0.9, 0.9),
)
def test_close_allows_what_the_tolerance_says(expected, share):
    allowed = 1e-10 * np.maximum(1, np.abs(expected))
    checks.close(expected + share * allowed, expected, SENTENCE)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e3, 1e3)),
    st.data(),
)
def test_close_sees_any_single_wrong_element(expected, data):
    index = tuple(data.draw(st.integers(0, side - 1)) for side in expected.shape)
    got = expected.copy()
    got[index] += data.draw(st.sampled_from([1e-6, -1e-6, 1.0, -50.0, np.nan, np.inf]))
    assert SENTENCE in message(checks.close, got, expected, SENTENCE)


NUMBERS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex64]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(NUMBERS, NUMBERS)
@settings(max_examples=30, deadline=None)
def test_close_never_ends_in_an_error_of_its_own(got, expected):
    try:
        checks.close(got, expected, SENTENCE)
    except AssertionError as error:
        text = str(error)
    else:
        assert got.shape == expected.shape
        return
    assert text.startswith(SENTENCE)


# --- anything a student may return -------------------------------------------------------------


class Liar:
    """Claims to be equal to everything."""

    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.array(0.5)

    def __float__(self):
        return 0.5

    def __bool__(self):
        return True

    __hash__ = None
    shape = ()
    dtype = np.dtype(np.float64)


class LyingArray(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.True_

    def __eq__(self, other):
        return np.True_


class LyingFloat(float):
    def __eq__(self, other):
        return True

    __hash__ = None


class Pretender:
    """Says that it is a float."""

    @property
    def __class__(self):
        return float


class LyingName(type):
    @property
    def __name__(cls):
        return "float"


class LyingList(list):
    def __iter__(self):
        return iter([0.5])

    def __eq__(self, other):
        return True

    __hash__ = None


REFUSED = [
    (None, "None: did you forget `return`?"),
    ("0.5", "text where numbers are asked"),
    (b"0.5", "text where numbers are asked"),
    ({"a": 1}, "a dict where an array is asked"),
    ({1, 2}, "a set where an array is asked"),
    ([[1, 2], [3]], "ragged"),
    ([1.0, None], "holds None"),
    ([1.0, "2"], "holds a str"),
    ([1.0, [2.0]], "ragged"),
    ([10**400], "too large"),
    (np.array([1, None], dtype=object), "Python objects"),
    (np.array(["a"]), "<U1 values where numbers are asked"),
    (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64[D]"),
    (np.zeros(2, dtype=[("a", float)]), "not of numbers"),
    (np.ma.masked_array([1.0], [True]), "masked array"),
    (np.array([0.5]).view(LyingArray), "`LyingArray`, a subclass of array"),
    (LyingFloat(0.5), "object of class `LyingFloat`"),
    (LyingList([0.5]), "object of class `LyingList`"),
    (Liar(), "object of class `Liar`"),
    (Pretender(), "object of class `Pretender`"),
    (LyingName("Odd", (), {})(), "object of class `Odd`"),
    ([Liar()], "object of class `Liar`"),
    ((x for x in [0.5]), "a generator, which gives its items one by one"),
    (map(float, [1]), "a map, which"),
    ({}.values(), "a dict_values, which"),
    (iter([1]), "a list_iterator, which"),
    (len, "a function"),
    (lambda: 0.5, "a function"),
    ([].append, "a function"),
    (float, "a class"),
    (np, "object of class `module`"),
    (types.SimpleNamespace(a=1), "object of class `SimpleNamespace`"),
    (NotImplemented, "not plain data"),
    (..., "not plain data"),
]


@pytest.mark.parametrize(("got", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_plain_data_is_refused_with_a_sentence(got, words):
    for expected in (0.5, [0.5], True):
        text = message(checks.close, got, expected, SENTENCE)
        assert text.startswith(f"{SENTENCE}\n  came    your result ")
        assert words in text
        assert "\n  wanted  " in text
    message(checks.shape, got, (1,), SENTENCE)
    message(checks.dtype, got, np.float64, SENTENCE)


def test_a_matrix_is_refused():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0]])
    assert "np.matrix" in message(checks.close, matrix, [[1.0]], SENTENCE)


def test_a_list_that_holds_itself_ends_in_a_sentence():
    cycle: list = [1.0]
    cycle.append(cycle)
    assert "nested too deeply" in message(checks.close, cycle, [1.0, 1.0], SENTENCE)
    assert "nested too deeply" in message(checks.equal, cycle, [1.0, 1.0], SENTENCE)


def test_a_tensor_as_a_key_ends_in_a_sentence():
    torch = pytest.importorskip("torch")
    for got in ({torch.ones(2): 1}, {torch.ones(2)}):
        assert "not plain data" in message(checks.equal, got, {1: 1}, SENTENCE)


def test_an_endless_range_ends_in_a_sentence():
    assert "far too many items" in message(checks.equal, range(10**12), [0], SENTENCE)


@pytest.mark.parametrize(
    "got",
    [Liar(), LyingFloat(1), LyingList([1]), Pretender()],
    ids=["object", "float", "list", "pretender"],
)
def test_no_lying_object_passes_any_check(got):
    for check, expected in ((checks.equal, 1), (checks.equal, [1]), (checks.shape, (1,))):
        assert "not plain data" in message(check, got, expected, SENTENCE)
    assert "not plain data" in message(checks.true, got, SENTENCE)


def test_an_expected_value_that_is_no_plain_data_is_the_authors_error():
    with pytest.raises(TypeError, match="expected value of a check is not plain data"):
        checks.close(1.0, Liar(), SENTENCE)
    with pytest.raises(TypeError, match="expected value of a check is not plain data"):
        checks.equal(1.0, (x for x in [1]), SENTENCE)


def test_tensors_are_read_by_value():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([1.0, 2.0], requires_grad=True)
    checks.close(tensor, np.float32([1, 2]), SENTENCE)
    checks.close(torch.nn.Parameter(tensor.detach()), tensor, SENTENCE)
    checks.close([tensor, tensor], [[1.0, 2.0], [1.0, 2.0]], SENTENCE)
    checks.close(tensor.to(torch.bfloat16), np.float32([1, 2]), SENTENCE)
    checks.close(torch.tensor([1 + 2j]).conj(), np.complex64([1 - 2j]), SENTENCE)
    checks.dtype(tensor, np.float32)
    checks.shape(tensor, 2)
    checks.true(torch.tensor(True), SENTENCE)
    checks.equal(torch.tensor(3), 3, SENTENCE)
    assert "worst at [1]" in message(checks.close, tensor, np.float32([1, 3]), SENTENCE)
    assert "sparse" in message(checks.close, tensor.to_sparse(), [1.0, 2.0], SENTENCE)

    class Odd(torch.Tensor):
        pass

    assert "class `Odd`" in message(checks.close, tensor.detach().as_subclass(Odd), 1.0, SENTENCE)


def test_a_false_torch_does_not_help_a_liar(monkeypatch):
    class Tensor:
        layout = dtype = None

        def same(self):
            return self

        detach = cpu = resolve_conj = resolve_neg = same

        def numpy(self):
            return np.array([0.5]).view(LyingArray)

    false = types.SimpleNamespace(Tensor=Tensor, strided=None, bfloat16=0)
    monkeypatch.setitem(sys.modules, "torch", false)
    assert "object of class `Tensor`" in message(checks.close, Tensor(), [0.7], SENTENCE)
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace())
    assert "object of class `Tensor`" in message(checks.close, Tensor(), [0.7], SENTENCE)


# --- equal -------------------------------------------------------------------------------------

Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1, 1.0),
        (True, 1),
        (np.int64(3), 3),
        (np.str_("a"), "a"),
        (np.array(3), 3),
        (None, None),
        ("a", "a"),
        ([1, "a", None, (2.5, [b"x"])], [1, "a", None, (2.5, [b"x"])]),
        ({"a": [1], 2: {3}}, {2: {3}, "a": [1]}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.Counter("aab"), {"a": 2, "b": 1}),
        ({np.int64(1): 2}, {1: 2}),
        ({1, 2}, {2, 1}),
        ({np.int64(1), (np.float64(2.0), 3)}, {1, (2.0, 3)}),
        ({(np.int64(0), 1): 5}, {(0, 1): 5}),
        ({frozenset({1})}, {frozenset({1})}),
        (float("nan"), float("nan")),
        (Point(1, 2), (1, 2)),
        ([np.array([1, 2])], [np.array([1, 2])]),
        (range(2), [0, 1]),
    ],
)
def test_equal_passes(got, expected):
    assert checks.equal(got, expected, SENTENCE) is None


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        (1, 2, "came 1 (int), wanted 2 (int)"),
        (0.1 + 0.2, 0.3, "the"),
        ("a", "b", "came 'a' (str), wanted 'b' (str)"),
        ("1", 1, "came a str where an int is wanted"),
        ([1], (1,), "came a list where a tuple is wanted"),
        ([1, 2], [1], "came 2 items, wanted 1"),
        ([1, [2, 3]], [1, [2, 4]], "difference at [1][1]: came 3 (int), wanted 4 (int)"),
        ({"a": 1}, {"a": 2}, "difference at ['a']"),
        ({"a": 1}, {"b": 1}, "the key 'b' is missing; the key 'a' is not wanted"),
        ({1}, {2}, "came {1} (set)"),
        (None, 1, "Likely cause: did you forget `return`?"),
        (np.array([1]), [1], "came an array where a list is wanted"),
        (np.array([1]), np.array([[1]]), "came shape (1,), wanted shape (1, 1)"),
        (np.array([1]), np.array([2]), "an array, shape (1,), int64: [1]"),
        (np.array([1.0]), np.array([1.0 + 1e-15]), "came"),
        ("x" * 1000, "y", "xxx...xxx"),
    ],
)
def test_equal_fails(got, expected, words):
    text = message(checks.equal, got, expected, SENTENCE)
    assert text.startswith(SENTENCE + "\n")
    assert words in text
    assert len(text) < 1500


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
@settings(max_examples=30, deadline=None)
def test_anything_plain_equals_itself(value):
    checks.equal(value, value, SENTENCE)


@given(PLAIN, PLAIN)
@settings(max_examples=30, deadline=None)
def test_equal_agrees_with_python_where_types_agree(one, other):
    if repr(one) == repr(other):
        checks.equal(one, other, SENTENCE)
    elif one != other and "nan" not in repr(one):
        message(checks.equal, one, other, SENTENCE)


def test_huge_integers_end_in_a_message():
    huge = 10**5000
    assert "came" in message(checks.equal, huge, 1, SENTENCE)
    assert "came" in message(checks.equal, [huge], [1], SENTENCE)
    assert "too large" in message(checks.close, huge, 1, SENTENCE)


# --- true, shape, dtype ------------------------------------------------------------------------


def test_true():
    for good in (True, np.True_, np.array(True), 1 < 2):
        checks.true(good, SENTENCE)
    for bad in (False, np.False_):
        assert message(checks.true, bad, SENTENCE) == SENTENCE
    for odd in (1, "yes", None, [True], np.array([True]), np.array([True, True])):
        assert "came" in message(checks.true, odd, SENTENCE)


def test_shape():
    checks.shape(np.zeros((2, 3)), (2, 3))
    checks.shape(np.zeros(3), 3)
    checks.shape(2.0, ())
    checks.shape([[1], [2]], (2, 1))
    checks.shape(np.zeros((0, 2)), [0, 2])
    text = message(checks.shape, np.zeros((2, 3)), (3, 2))
    assert text.split("\n") == [
        "the result has shape (3, 2)",
        "  came    shape (2, 3), float64",
        "  wanted  shape (3, 2)",
        "  Likely cause: the axes come in reverse order: transposed?",
    ]
    assert message(checks.shape, 1.0, (1,), "one number in a row").startswith("one number in a row")
    assert "a single number" in message(checks.shape, 1.0, (1,))


def test_dtype():
    checks.dtype(np.zeros(2), np.float64)
    checks.dtype(np.zeros(2), "float64")
    checks.dtype(np.zeros(2), float)
    checks.dtype(np.zeros(2, np.float32), np.floating)
    checks.dtype(np.zeros(2, np.uint8), np.integer)
    checks.dtype(True, bool)
    text = message(checks.dtype, np.zeros(2, np.float32), np.float64)
    assert text == (
        "the result has dtype float64\n  came    shape (2,), float32\n  wanted  float64"
    )
    assert "floating" in message(checks.dtype, np.zeros(2, int), np.floating, SENTENCE)
