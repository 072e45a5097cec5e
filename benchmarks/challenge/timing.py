"""Time on a device, and what the device can do at best: products of matrices, bytes moved."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from helpers.challenge.errors import ChallengeError


def the_device(name: str | None) -> torch.device:
    """Give the device that somebody asks for.

    Args:
        name: "cpu" or "cuda"; a GPU where there is one, unless given.

    Returns:
        The device.

    Raises:
        ChallengeError: there is no GPU.
    """
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        built = torch.version.cuda
        raise ChallengeError(
            "there is no GPU here that PyTorch can use",
            "Leave out --device, and the small form runs on the CPU; or see `nvidia-smi`."
            if built
            else "This PyTorch was built without CUDA: install another, or leave out --device.",
        )
    return torch.device(name or ("cuda" if there else "cpu"))


def seconds(work: Callable[[], Any], device: torch.device) -> float:
    """Time some work, until the device has done all of it.

    On a GPU two events are timed, which stand before and after the work in the device's own queue;
    nothing else may be in the queue when it begins.

    Args:
        work: what is done.
        device: where.

    Returns:
        Seconds.
    """
    if device.type != "cuda":
        before = time.perf_counter()
        work()
        return time.perf_counter() - before
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize(device)
    first.record(torch.cuda.current_stream(device))
    work()
    last.record(torch.cuda.current_stream(device))
    last.synchronize()
    return first.elapsed_time(last) / 1000


@dataclass(frozen=True)
class Variant:
    """One of the things that are compared.

    Args:
        work: what is done once.
        amount: how much that is, of what is counted by the second.
        times: how often it is done in a measurement.
        warm: how often before it, unmeasured.
        rest: seconds of peace after it, in which what reads ahead fills its store again, so that
            it does not disturb the next one.
    """

    work: Callable[[], Any]
    amount: float
    times: int = 1
    warm: int = 1
    rest: float = 0.0


def take_turns(
    variants: Mapping[str, Variant],
    rounds: int,
    device: torch.device,
    progress: Callable[[str], Any] = lambda name: None,
) -> dict[str, list[float]]:
    """Measure variants in turn, round by round, so that drift of the machine hits all alike.

    Every round begins with another variant.

    Args:
        variants: by name.
        rounds: how many.
        device: where they run.
        progress: called with the name of each before it is measured.

    Returns:
        For each variant its rates, one for each round: amounts a second.
    """
    names = list(variants)
    rates: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            progress(name)
            variant = variants[name]
            for _ in range(variant.warm):
                variant.work()

            def measured(variant: Variant = variant) -> None:
                for _ in range(variant.times):
                    variant.work()

            rates[name].append(variant.times * variant.amount / seconds(measured, device))
            time.sleep(variant.rest)
    return rates


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Sum rates up: median, least, most, and all of them."""
    return {
        "median": statistics.median(values),
        "least": min(values),
        "most": max(values),
        "rounds": list(values),
    }


def matrix_product(device: torch.device, dtype: torch.dtype, side: int) -> Variant:
    """Make a large product of two matrices of random numbers; the amount is in FLOP.

    Random, since a GPU multiplies zeros faster than numbers.

    Args:
        device: where.
        dtype: of the numbers.
        side: of both matrices.

    Returns:
        The variant.
    """
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    out = torch.empty(side, side, device=device, dtype=dtype)
    times = 30 if device.type == "cuda" else 3
    return Variant(lambda: torch.mm(left, right, out=out), 2.0 * side**3, times, 3)


def copying(device: torch.device, bytes_: int) -> Variant:
    """Make a copy within the memory; the amount is in bytes, read and written.

    Args:
        device: whose memory.
        bytes_: how many are copied, far more than its caches hold.

    Returns:
        The variant.
    """
    source = torch.ones(bytes_ // 4, device=device)
    target = torch.empty_like(source)
    times = 10 if device.type == "cuda" else 3
    amount = 2.0 * source.numel() * source.element_size()

    def copy() -> Tensor:
        return target.copy_(source)

    return Variant(copy, amount, times, 2)
