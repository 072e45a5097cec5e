"""Checks of what a function does: raise, leave its arguments alone, save memory, have a slope."""

import linecache
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks import causes, watch
from helpers.checks.arrangement import of_shape
from helpers.checks.evidence import Evidence
from helpers.checks.messages import array_label, array_values, fail, number, value_label
from helpers.checks.plain import NotPlainError, to_array, to_plain, type_name
from helpers.checks.syntax import name_of
from helpers.gradients import numerical_gradient, relative_error


def raises(
    error_type: type[BaseException] | tuple[type[BaseException], ...],
    f: Callable[..., Any],
    *args: Any,
    sentence: str | None = None,
    **kwargs: Any,
) -> None:
    """Check that a call raises the error it should.

    Args:
        error_type: the exception class wanted, or several.
        f: what is called.
        *args: its arguments.
        sentence: what is checked; by default it names the error.
        **kwargs: its keyword arguments.

    Raises:
        AssertionError: if nothing is raised, or something else; the student's line is shown.
        NotImplementedError: if the function is not written yet.
    """
    __tracebackhide__ = True
    kinds = error_type if isinstance(error_type, tuple) else (error_type,)
    wanted = " or ".join(kind.__name__ for kind in kinds)
    sentence = sentence or f"`{name_of(f)}` raises {wanted}"
    try:
        result = f(*args, **kwargs)
    except NotImplementedError:
        if NotImplementedError in kinds:
            return
        raise
    except kinds:
        return
    except Exception as error:
        line = _line_of_student(error, f)
        name = type_name(error)
        fail(
            sentence,
            [f"came    {name}: {_text_of(error)}", *line, f"wanted  {wanted}"],
            hidden_lines=[f"came    {name}", *line, f"wanted  {wanted}"],
        )
    try:
        returned = value_label(to_plain(result))
    except NotPlainError:
        returned = f"an object of class {type_name(result)}"
    fail(
        sentence,
        [f"came    no error; the call returned {returned}", f"wanted  {wanted}"],
        hidden_lines=["came    no error", f"wanted  {wanted}"],
    )


def _line_of_student(error: Exception, f: Callable[..., Any]) -> list[str]:
    """Return the line on which the error arose, preferably in the file of the function itself."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    file = getattr(getattr(f, "__code__", None), "co_filename", None)
    own = [frame for frame in frames if frame.filename == file] or list(frames)
    if not own:
        return []
    source = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return [f"in line {own[-1].lineno} of the cell: {source}"] if source else []


def _text_of(error: Exception) -> str:
    try:
        text = str(error)
    except Exception:
        return "(its text cannot be shown)"
    return text if len(text) <= 300 else text[:299] + "…"


def unchanged(f: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Check that a call leaves its arguments as they were.

    Args:
        f: what is called.
        *args: its arguments; arrays, lists, dicts, sets and tensors in them are watched.
        **kwargs: its keyword arguments, watched as well.

    Raises:
        AssertionError: if one of them was changed.
    """
    __tracebackhide__ = True
    changes = watch.call_and_watch(f, args, kwargs)
    if not changes:
        return
    fail(
        f"`{name_of(f)}` leaves its arguments as they were",
        [f"{change.argument} was changed: {change.what}" for change in changes],
        hidden_lines=[f"{change.argument} was changed" for change in changes],
        cause="an in-place change, such as `x -= …`, `x[…] = …` or `x.sort()`; "
        "write `x = x - …`, or work on `x.copy()`",
    )


def peak_memory(
    f: Callable[..., Any],
    *args: Any,
    at_most: float,
    sentence: str | None = None,
    **kwargs: Any,
) -> None:
    """Check how much memory a call needs at its peak, its result included.

    Args:
        f: what is called, up to twice: the first call may fill caches.
        *args: its arguments; they exist before and do not count.
        at_most: the bytes allowed.
        sentence: what is checked; by default it names the limit.
        **kwargs: its keyword arguments.

    Raises:
        AssertionError: if the call needed more.
    """
    __tracebackhide__ = True
    peak = watch.measure_peak(f, args, kwargs)
    if peak > at_most:
        peak = min(peak, watch.measure_peak(f, args, kwargs))
    if peak <= at_most:
        return
    fail(
        sentence or f"`{name_of(f)}` makes no large temporary array",
        [
            f"came    {_bytes(peak)} at the peak, with the result",
            f"wanted  at most {_bytes(at_most)}: which step makes the largest array?",
        ],
        hidden_lines=["the largest array that a step makes is too large"],
    )


def _bytes(count: float) -> str:
    if count < 1e5:
        return f"{count:.0f} bytes"
    return f"{count / 1e6:.1f} MB"


def gradient(
    f: Callable[[Any], Any],
    x: Any,
    analytic: Any,
    sentence: str,
    *,
    h: float = 1e-5,
    tolerance: float = 1e-7,
) -> None:
    """Check a gradient against the slope measured by central differences in float64.

    The error is that of the norms, ‖a − n‖ / (‖a‖ + ‖n‖); two gradients of zeros agree.

    Args:
        f: takes what `x` is and returns one number.
        x: where: an array of any shape, a number, or a list of arrays. Not modified.
        analytic: the student's gradient, of the shape(s) of `x`.
        sentence: what is checked, the first line of the message.
        h: the step of the differences.
        tolerance: the error allowed.

    Raises:
        AssertionError: if the gradient is wrong, has another shape, or is not plain data.
    """
    __tracebackhide__ = True
    try:
        measured = numerical_gradient(lambda point: _loss(f(point)), x, h)
    except NotPlainError as error:
        text = str(error).replace("your result", "the value of the function")
        fail(sentence, [text], hidden_lines=[text])
    if isinstance(measured, list):
        _gradients(measured, analytic, sentence, tolerance)
    else:
        _one_gradient(measured, analytic, sentence, tolerance)


def _loss(value: Any) -> np.ndarray:
    return to_array(value)


def _gradients(measured: list, analytic: Any, sentence: str, tolerance: float) -> None:
    __tracebackhide__ = True
    if type(analytic) not in (list, tuple) or len(analytic) != len(measured):
        line = f"wanted  a list of {len(measured)} gradients, one for each array"
        fail(sentence, [line], hidden_lines=[line])
    for position, (one, own) in enumerate(zip(measured, analytic, strict=True)):
        _one_gradient(one, own, f"{sentence} (array {position})", tolerance)


def _one_gradient(measured: np.ndarray, analytic: Any, sentence: str, tolerance: float) -> None:
    __tracebackhide__ = True
    wanted = f"wanted  {array_label(measured)}"
    try:
        came = to_array(analytic)
    except NotPlainError as error:
        lines = [f"came    {error}", wanted]
        fail(sentence, lines, hidden_lines=lines)
    labels = [f"came    {array_label(came)}", wanted]
    if came.shape != measured.shape:
        fail(
            sentence,
            [*labels, "a gradient has the shape of what it is taken of"],
            hidden_lines=labels,
            cause=of_shape(came.shape, measured.shape),
        )
    error_norm = relative_error(came, measured)
    if error_norm <= tolerance:
        return
    loose = max(1e-5, 10 * tolerance)
    evidence = Evidence(came, measured, lambda other: relative_error(other, measured) <= loose)
    cause = causes.find(evidence)
    values = [
        label + (f": {shown}" if (shown := array_values(array)) else "")
        for label, array in zip(labels, (came, measured), strict=True)
    ]
    fail(
        sentence,
        [
            *values,
            f"‖a − n‖ / (‖a‖ + ‖n‖) = {number(error_norm)}, at most {number(tolerance)} is allowed "
            "(a: your gradient, n: the measured slope)",
        ],
        hidden_lines=labels,
        cause=cause.text if cause else None,
        hidden_cause=cause.hidden if cause else None,
    )
