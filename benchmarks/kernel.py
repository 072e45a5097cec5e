"""Check the challenge's kernel, count its bytes, and time it where there is a GPU.

    python benchmarks/kernel.py                 # right or not, and bytes moved; on a GPU also times
    python benchmarks/kernel.py --json F        # the same facts into a file, for machines

What runs is the solution in the lesson's source. On a CPU it is interpreted on a few pictures; its
time would mean nothing and is not taken. On a GPU the kernel, PyTorch's operations one by one and
the same under `torch.compile` prepare the same batch, timed by events in turn, and the bound of
each is its bytes divided by the bandwidth of a copy measured beside them.
"""

import argparse
import linecache
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from recording import write_facts
from torch import Tensor

from autograder.lesson import read_lesson
from helpers.challenge import kernels
from helpers.challenge.kernel_check import check_kernel

SOURCE = Path(__file__).parents[1] / "solutions" / "challenge" / "challenge.py"
INTERPRETED = 4  # pictures whose bytes the interpreter counts
COPIED = 2**30  # bytes of the copy that measures the bandwidth
BLOCKS = (256, 512, 1024, 2048, 4096)
ROUNDS = 5


def main() -> int:
    """Check, count and measure; print a table, and write the facts where they are asked for."""
    options = arguments()
    names = lesson_names()
    kernel, eager = names["augment_kernel"], names["augment_eagerly"]
    right = check_kernel(kernel)
    facts: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "triton": getattr(kernels.triton, "__version__", None),
        "pictures": options.pictures,
        "right": right,
        "bytes_per_number": bytes_per_number(kernel, eager, names["batch_to_augment"]),
    }
    for name, count in facts["bytes_per_number"].items():
        print(f"{name:8}{count:8.2f} bytes for each number of a picture")
    if right and torch.cuda.is_available():
        facts |= measured(kernel, eager, names["batch_to_augment"](options.pictures, "cuda"), facts)
    else:
        print("nothing is timed: that takes a GPU, Triton and a kernel that passes")
    write_facts(options.json, facts)
    return 0 if right else 1


def lesson_names() -> dict[str, Any]:
    """Define the solution's kernel and the operations that the lesson compares it with."""
    names: dict[str, Any] = {"torch": torch, "tl": kernels.tl}
    for cell in read_lesson(SOURCE, "challenge").cells:
        if cell.grade_id == "augment_kernel" or "def augment_eagerly" in cell.source:
            file = f"<cell {cell.index + 1} of the challenge>"
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[file] = (len(cell.source), None, lines, file)
            exec(compile(cell.source, file, "exec"), names)
    return names


def bytes_per_number(
    kernel: kernels.Kernel, eager: Callable[..., Tensor], batch: Callable[..., list[Tensor]]
) -> dict[str, float]:
    """Count what both move: the kernel in the interpreter, the operations by their tensors."""
    few, many = batch(INTERPRETED), batch(256)
    moved = kernels.count_bytes(lambda: eager(*many))
    counts = {"eager": sum(count for _, count in moved) / many[0].numel()}
    if not kernels.LACKING:
        result = torch.empty(few[0].shape, dtype=torch.bfloat16)
        given = kernels.augment_arguments(few[0], result, *few[1:], 1024)
        traffic = kernels.interpret(kernel, kernels.augment_grid(few[0], 1024), *given)
        counts = {"kernel": traffic.total / few[0].numel(), **counts}
    return counts


def measured(
    kernel: kernels.Kernel,
    eager: Callable[..., Tensor],
    batch: list[Tensor],
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Time all ways on the GPU, several rounds in turn, and hold them against their bounds."""
    compiled = torch.compile(eager)
    expected = eager(*batch)
    ways: dict[str, Callable[[], Tensor]] = {
        f"kernel, blocks of {block}": lambda block=block: kernels.launch(
            kernel, *batch, torch.bfloat16, block=block
        )
        for block in BLOCKS
    }
    ways |= {"torch.compile": lambda: compiled(*batch), "eager": lambda: eager(*batch)}
    for name, work in ways.items():
        torch.testing.assert_close(work(), expected, rtol=2**-7, atol=1e-5, msg=name)
    source, target = (torch.empty(COPIED, dtype=torch.uint8, device="cuda") for _ in range(2))
    ways["copy"] = lambda: target.copy_(source)
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            rounds[name].append(kernels.seconds_on_gpu(work))
    seconds = {name: statistics.median(found) for name, found in rounds.items()}
    bandwidth = 2 * COPIED / seconds["copy"]
    counts = facts["bytes_per_number"]
    bounds = {
        name: count * batch[0].numel() / bandwidth
        for name, count in {"kernel": counts["kernel"], "eager": counts["eager"]}.items()
    }
    print(f"bandwidth by a copy of {COPIED >> 20} MiB: {bandwidth / 1e9:,.0f} GB/s")
    for name in list(ways)[:-1]:
        bound = bounds["eager" if name == "eager" else "kernel"]
        share = f"{100 * bound / seconds[name]:3.0f} % of its bound's speed"
        print(f"{name:24}{1e6 * seconds[name]:10,.1f} µs, bound {1e6 * bound:8,.1f} µs, {share}")
    fastest = min(value for name, value in seconds.items() if name.startswith("kernel"))
    return {
        "bandwidth_gb_per_second": bandwidth / 1e9,
        "seconds": seconds,
        "rounds": rounds,
        "bound_seconds": bounds,
        "kernel_fraction_of_bound": bounds["kernel"] / fastest,
        "eager_over_kernel": seconds["eager"] / fastest,
        "compiled_over_kernel": seconds["torch.compile"] / fastest,
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=16384, help="timed on a GPU (16,384)")
    parser.add_argument("--json", type=Path, help="write the facts to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
