"""Checks that compare a value with what was expected of it."""

from typing import Any

import numpy as np

from helpers.checks import causes
from helpers.checks.arrangement import of_shape
from helpers.checks.evidence import Evidence
from helpers.checks.messages import (
    array_label,
    array_values,
    fail,
    index_text,
    kind_label,
    number,
    value_label,
)
from helpers.checks.plain import NotPlainError, plain_to_array, to_array, to_plain
from helpers.checks.tolerance import (
    DOUBLE_TOLERANCE,
    agreement,
    allowed_error,
    tolerance_of,
    wide,
)


def close(
    got: object,
    expected: object,
    sentence: str,
    *,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Check that the values are as expected, up to rounding.

    The dtype of `expected` sets the tolerance: 1e-10 for float64, 1e-4 for float32, each times
    max(1, |expected|); integers and booleans are compared exactly. Only values and shapes count,
    not the dtype of `got`. NaN equals NaN, and an infinity equals itself.

    Args:
        got: the student's result: an array, a number, a tensor, or (nested) lists of these.
        expected: what it should be, of the same shape; a list of arrays of different shapes is
            compared item by item.
        sentence: what is checked, the first line of the message.
        rtol: relative tolerance, times max(1, |expected|), or times |expected| if `atol` is given.
        atol: absolute tolerance; alone, it is the only one.

    Raises:
        AssertionError: if they differ, or if `got` is not plain data.
    """
    __tracebackhide__ = True
    wanted = _trusted(expected)
    try:
        came = to_plain(got)
        if _is_list_of_arrays(wanted):
            _close_items(came, wanted, sentence, rtol, atol)
            return
        came_array = plain_to_array(came)
    except NotPlainError as error:
        _refused(sentence, error, _wanted_text(wanted))
    _close_arrays(came_array, plain_to_array(wanted), sentence, rtol, atol)


def _trusted(expected: object) -> Any:
    try:
        return to_plain(expected)
    except NotPlainError as error:
        raise TypeError(f"the expected value of a check is not plain data ({error})") from None


def _is_list_of_arrays(wanted: Any) -> bool:
    """Say whether the expected value is a list that makes no single array."""
    if type(wanted) not in (list, tuple):
        return False
    try:
        plain_to_array(wanted)
    except NotPlainError:
        return True
    return False


def _close_items(
    came: Any, wanted: Any, sentence: str, rtol: float | None, atol: float | None
) -> None:
    __tracebackhide__ = True
    if type(came) not in (list, tuple) or len(came) != len(wanted):
        count = f" of {len(came)}" if type(came) in (list, tuple) else ""
        fail(
            sentence,
            [
                f"came    {value_label(came) if not count else type(came).__name__ + count}",
                f"wanted  a list or tuple of {len(wanted)} arrays",
            ],
            hidden_lines=[f"wanted  a list or tuple of {len(wanted)} arrays"],
        )
    for position, (one_came, one_wanted) in enumerate(zip(came, wanted, strict=True)):
        close(one_came, one_wanted, f"{sentence} (item {position})", rtol=rtol, atol=atol)


def _wanted_text(wanted: Any) -> str:
    try:
        return array_label(plain_to_array(wanted))
    except NotPlainError:
        return kind_label(wanted)


def _refused(sentence: str, error: NotPlainError, wanted: str) -> None:
    __tracebackhide__ = True
    lines = [f"came    {error}", f"wanted  {wanted}"]
    fail(sentence, lines, hidden_lines=lines)


def _evidence(
    came: np.ndarray, wanted: np.ndarray, rtol: float | None, atol: float | None
) -> Evidence:
    """Collect what a likely cause is found from; a float32 answer is judged as such there."""
    allowed = allowed_error(came, wanted, rtol, atol)
    own = tolerance_of(came.dtype, came.dtype) if came.dtype.kind in "fc" else 0.0
    if own > DOUBLE_TOLERANCE:
        allowed = np.maximum(allowed, allowed_error(came, wanted, own, None))
    allowed = allowed + allowed_error(came, wanted, 1e-12, 0.0)
    return Evidence(came, wanted, lambda candidate: _all_agree(candidate, wanted, allowed))


def _all_agree(candidate: np.ndarray, wanted: np.ndarray, allowed: np.ndarray) -> bool:
    return bool(agreement(candidate, wanted, allowed).all())


def _close_arrays(
    came: np.ndarray, wanted: np.ndarray, sentence: str, rtol: float | None, atol: float | None
) -> None:
    __tracebackhide__ = True
    if came.shape != wanted.shape:
        _fail_shape(came, wanted, sentence, rtol, atol)
    allowed = allowed_error(came, wanted, rtol, atol)
    agrees = agreement(came, wanted, allowed)
    if agrees.all():
        return
    cause = causes.find(_evidence(came, wanted, rtol, atol))
    fail(
        sentence,
        [*_both_lines(came, wanted, values=True), *_worst_lines(came, wanted, allowed, agrees)],
        hidden_lines=_both_lines(came, wanted, values=False),
        cause=cause.text if cause else None,
        hidden_cause=cause.hidden if cause else None,
    )


def _fail_shape(
    came: np.ndarray, wanted: np.ndarray, sentence: str, rtol: float | None, atol: float | None
) -> None:
    __tracebackhide__ = True
    cause = causes.find(_evidence(came, wanted, rtol, atol))
    fail(
        sentence,
        [*_both_lines(came, wanted, values=True), "the shapes differ"],
        hidden_lines=[*_both_lines(came, wanted, values=False), "the shapes differ"],
        cause=cause.text if cause else None,
        hidden_cause=cause.hidden if cause else None,
    )


def _both_lines(came: np.ndarray, wanted: np.ndarray, *, values: bool) -> list[str]:
    lines = []
    for word, array in (("came  ", came), ("wanted", wanted)):
        shown = array_values(array) if values else ""
        lines.append(f"{word}  {array_label(array)}" + (f": {shown}" if shown else ""))
    return lines


def _worst_lines(
    came: np.ndarray, wanted: np.ndarray, allowed: np.ndarray, agrees: np.ndarray
) -> list[str]:
    with np.errstate(all="ignore"):
        error = np.abs(wide(came) - wide(wanted))
        excess = np.where(agrees, -1.0, np.where(np.isfinite(error), error, np.inf))
    worst = np.unravel_index(int(np.argmax(excess)), excess.shape)
    place = f" at {index_text(worst)}" if worst else ""
    one, other = came[worst], wanted[worst]
    exact = number(one) == number(other)
    line = f"worst{place}: came {number(one, exact=exact)}, wanted {number(other, exact=exact)}"
    if np.isfinite(error[worst]):
        tolerance = float(allowed[worst])
        limit = f"at most {number(tolerance)} is allowed" if tolerance else "it must be exact"
        line += f"; error {number(error[worst])}, {limit}"
    lines = [line]
    if came.size > 1:
        wrong = int(np.count_nonzero(~agrees))
        lines.append(f"{wrong} of {came.size} elements are wrong")
    return lines


def equal(got: object, expected: object, sentence: str) -> None:
    """Check that plain Python data is exactly as expected.

    Numbers are compared by value (1 equals 1.0 and True), NaN equals NaN; a list is not a tuple.

    Args:
        got: the student's result: numbers, text, None, lists, tuples, sets, dicts, arrays.
        expected: what it should be.
        sentence: what is checked, the first line of the message.

    Raises:
        AssertionError: if they differ, or if `got` is not plain data.
    """
    __tracebackhide__ = True
    wanted = _trusted(expected)
    try:
        came = to_plain(got)
    except NotPlainError as error:
        _refused(sentence, error, kind_label(wanted))
    difference = _difference(_unwrapped(came), _unwrapped(wanted), "")
    if difference is None:
        return
    place, what, shapes = difference
    cause = None
    if came is None:
        cause = "did you forget `return`?"
    fail(
        sentence,
        [
            f"came    {value_label(came)}",
            f"wanted  {value_label(wanted)}",
            f"difference{' at ' + place if place else ''}: {what}",
        ],
        hidden_lines=[shapes],
        cause=cause,
    )


def _unwrapped(plain: Any) -> Any:
    return plain.item() if type(plain) is np.ndarray and plain.ndim == 0 else plain


def _difference(came: Any, wanted: Any, place: str) -> tuple[str, str, str] | None:
    """Find the first difference: where it is, what it is, and what it is without numbers."""
    came, wanted = _unwrapped(came), _unwrapped(wanted)
    values = place, f"came {value_label(came)}, wanted {value_label(wanted)}"
    numbers = (bool, int, float, complex)
    if type(came) in numbers and type(wanted) in numbers:
        same = came == wanted or (_is_nan(came) and _is_nan(wanted))
        return None if same else (*values, "the values differ")
    if type(came) is not type(wanted):
        kinds = f"came {kind_label(came)} where {kind_label(wanted)} is wanted"
        return place, kinds, kinds
    if type(wanted) in (list, tuple):
        if len(came) != len(wanted):
            lengths = f"came {len(came)} items, wanted {len(wanted)}"
            return place, lengths, "the numbers of items differ"
        for position, pair in enumerate(zip(came, wanted, strict=True)):
            found = _difference(*pair, f"{place}[{position}]")
            if found:
                return found
        return None
    if type(wanted) is dict:
        return _dict_difference(came, wanted, place)
    if type(wanted) is np.ndarray:
        if came.shape != wanted.shape:
            shapes = f"came shape {came.shape}, wanted shape {wanted.shape}"
            return place, shapes, shapes
        same = bool(agreement(came, wanted, np.zeros(wanted.shape)).all())
        return None if same else (*values, "the values differ")
    return None if came == wanted else (*values, "the values differ")


def _dict_difference(came: dict, wanted: dict, place: str) -> tuple[str, str, str] | None:
    missing = [key for key in wanted if key not in came]
    extra = [key for key in came if key not in wanted]
    if missing or extra:
        parts = [f"the key {missing[0]!r} is missing"] if missing else []
        parts += [f"the key {extra[0]!r} is not wanted"] if extra else []
        return place, "; ".join(parts), "the keys differ"
    for key in wanted:
        found = _difference(came[key], wanted[key], f"{place}[{key!r}]")
        if found:
            return found
    return None


def _is_nan(value: Any) -> bool:
    return value != value


def true(condition: object, sentence: str) -> None:
    """Check a property that the test cell worked out as a plain True or False.

    Args:
        condition: a bool, or NumPy's.
        sentence: what is checked, the message.

    Raises:
        AssertionError: if it is False, or not a bool at all.
    """
    __tracebackhide__ = True
    try:
        plain = _unwrapped(to_plain(condition))
    except NotPlainError as error:
        _refused(sentence, error, "True")
    if plain is True:
        return
    if plain is False:
        fail(sentence, [])
    fail(sentence, [f"came    {value_label(plain)}", "wanted  True"], hidden_lines=["not a bool"])


def shape(got: object, expected_shape: int | tuple[int, ...], sentence: str | None = None) -> None:
    """Check the shape of a result.

    Args:
        got: the student's result: an array, a number, a tensor, or nested lists.
        expected_shape: the shape wanted; an int stands for one axis.
        sentence: what is checked; by default it names the shape.

    Raises:
        AssertionError: if the shape is another one, or if `got` is not plain data.
    """
    __tracebackhide__ = True
    wanted = (expected_shape,) if isinstance(expected_shape, int) else tuple(expected_shape)
    sentence = sentence or f"the result has shape {wanted}"
    try:
        came = to_array(got)
    except NotPlainError as error:
        _refused(sentence, error, f"shape {wanted}")
    if came.shape == wanted:
        return
    lines = [f"came    {array_label(came)}", f"wanted  shape {wanted}"]
    fail(sentence, lines, hidden_lines=lines, cause=of_shape(came.shape, wanted))


def dtype(got: object, expected: Any, sentence: str | None = None) -> None:
    """Check the dtype of a result.

    Args:
        got: the student's result: an array, a number or a tensor.
        expected: a dtype (`np.float64`, "float64", bool) or an abstract kind (`np.floating`).
        sentence: what is checked; by default it names the dtype.

    Raises:
        AssertionError: if the dtype is another one, or if `got` is not plain data.
    """
    __tracebackhide__ = True
    abstract = isinstance(expected, type) and expected in _ABSTRACT_DTYPES
    name = expected.__name__ if abstract else str(np.dtype(expected))
    sentence = sentence or f"the result has dtype {name}"
    try:
        came = to_array(got)
    except NotPlainError as error:
        _refused(sentence, error, name)
    if np.issubdtype(came.dtype, expected) if abstract else came.dtype == np.dtype(expected):
        return
    lines = [f"came    {array_label(came)}", f"wanted  {name}"]
    fail(sentence, lines, hidden_lines=lines)


_ABSTRACT_DTYPES = frozenset(
    {np.generic, np.number, np.integer, np.signedinteger, np.unsignedinteger}
    | {np.inexact, np.floating, np.complexfloating}
)
