"""The state of the random numbers that all code of a process shares.

A test that calls `np.random.seed` or `torch.manual_seed` means the student's code, too: the judge's
state is sent before the next call. It never comes back: a test's draws are no student's business.
"""

import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

SEED = 0


def start() -> None:
    """Seed all of them, so that a submission fares the same on every run."""
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - the state that old code shares is what is meant
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(SEED)


def states() -> tuple[Any, ...]:
    """Give the states as plain data."""
    torch = sys.modules.get("torch")
    return (
        random.getstate(),
        np.random.get_state(),  # noqa: NPY002
        None if torch is None else torch.get_rng_state().numpy(),
    )


def watch(on_seed: Callable[[], None]) -> None:
    """Have something done whenever this process's random numbers are seeded.

    Args:
        on_seed: what.
    """
    places: list[tuple[Any, str]] = [(random, "seed"), (np.random, "seed")]
    torch = sys.modules.get("torch")
    if torch is not None:
        places += [(torch, "manual_seed"), (torch.random, "manual_seed")]
    for place, name in places:
        setattr(place, name, _telling(getattr(place, name), on_seed))


def _telling(seed: Callable[..., Any], on_seed: Callable[[], None]) -> Callable[..., Any]:
    def tell(*args: Any, **kwargs: Any) -> Any:
        on_seed()
        return seed(*args, **kwargs)

    return tell


def restore(found: tuple[Any, ...]) -> None:
    """Take over the states of another process, where this one has the same libraries."""
    python, numpy_state, torch_state = found
    random.setstate(python)
    np.random.set_state(numpy_state)  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None and torch_state is not None:
        torch.set_rng_state(torch.from_numpy(torch_state))
