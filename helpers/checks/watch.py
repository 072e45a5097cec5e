"""Call a function and see what it does: to its arguments, and to the memory.

A grader whose students' functions live in another process replaces `call_and_watch` and
`measure_peak` here; the checks look them up at each call.
"""

import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.checks.messages import array_label, index_text, number

_SCALARS = frozenset({int, float, complex, str})


@dataclass(frozen=True)
class Change:
    """One argument that a call changed.

    Attributes:
        argument: which, such as "argument 1" or "`scores`".
        what: what is different now.
    """

    argument: str
    what: str


def call_and_watch(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Change]:
    """Call a function and report the arguments it changed.

    Args:
        f: what is called.
        args: its arguments.
        kwargs: its keyword arguments.

    Returns:
        One entry for each argument that differs after the call.
    """
    named = [(f"argument {position}", value) for position, value in enumerate(args, start=1)]
    named += [(f"`{name}`", value) for name, value in kwargs.items()]
    before = [_snapshot(value) for _, value in named]
    f(*args, **kwargs)
    changes = []
    for (name, value), old in zip(named, before, strict=True):
        what = _difference(old, _snapshot(value), "")
        if what:
            changes.append(Change(name, what))
    return changes


def measure_peak(f: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> int:
    """Measure the memory that one call takes, with `tracemalloc`.

    Args:
        f: what is called.
        args: its arguments.
        kwargs: its keyword arguments.

    Returns:
        Bytes at the peak of the call above those before it.
    """
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        f(*args, **kwargs)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()


def _snapshot(value: Any) -> Any:
    """Copy what can be changed: arrays, tensors, lists, dicts and sets, at any depth."""
    if isinstance(value, np.ndarray):
        return np.array(value, copy=True, subok=False)
    if type(value) is list or type(value) is tuple:
        return type(value)(_snapshot(item) for item in value)
    if type(value) is dict:
        return {key: _snapshot(item) for key, item in value.items()}
    if type(value) is set:
        return set(value)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return np.array(value.detach().cpu().numpy(), copy=True)
    return value


def _difference(old: Any, new: Any, place: str) -> str | None:
    if type(old) is not type(new):
        return f"{place or 'it'} is of another type now"
    if isinstance(old, np.ndarray):
        return _array_difference(old, new, place)
    if isinstance(old, list | tuple):
        if len(old) != len(new):
            return f"{place or 'it'} had {len(old)} items and has {len(new)} now"
        pairs = [(f"{place}[{i}]", a, b) for i, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, dict):
        if list(old) != list(new):
            return f"{place or 'it'} has other keys now"
        pairs = [(f"{place}[{key!r}]", old[key], new[key]) for key in old]
    elif isinstance(old, set):
        return None if old == new else f"{place or 'it'} has other items now"
    else:
        if old is new or (type(old) in _SCALARS and repr(old) == repr(new)):
            return None
        return f"{place or 'it'} is another object now"
    for where, a, b in pairs:
        found = _difference(a, b, where)
        if found:
            return found
    return None


def _array_difference(old: np.ndarray, new: np.ndarray, place: str) -> str | None:
    if old.shape != new.shape or old.dtype != new.dtype:
        return f"{place or 'it'} had {array_label(old)}, and has {array_label(new)} now"
    if old.tobytes() == new.tobytes():
        return None
    same = old == new
    if old.dtype.kind in "fc":
        same |= np.isnan(old) & np.isnan(new)
    if np.all(same):
        return None
    index = np.unravel_index(int(np.argmin(same)), old.shape)
    if old.dtype.kind not in "biufc":
        return f"its element at {place}{index_text(index)} is another one now"
    where = f"at {place}{index_text(index)}" if index else (f"at {place}" if place else "")
    was, now = (number(each[index]) for each in (old, new))
    if was == now:  # a difference in the last digits
        was, now = (number(each[index], exact=True) for each in (old, new))
    return f"{where} it was {was} and is {now} now".strip()
