"""Times `helpers.nn`'s convolution against torch's, on layers of LeNet, VGG and ResNet.

    python benchmarks/convolution.py                # a table, one thread
    python benchmarks/convolution.py --threads 2    # both libraries with two
    python benchmarks/convolution.py --json F       # the same facts into a file, for machines

Batches of 32 in single precision. The two libraries take turns, so that a busy machine disturbs
both alike; the median of each counts, and the ratio is ours to torch's. Both must give the same
numbers. A forward pass includes the bias; a backward pass gives the slopes of images, weights and
bias. The speed of a bare matrix product is measured beside them: torch's own kernels go beyond it,
so that with NumPy a layer can be as fast only where it saves operations (3 x 3, by Winograd's way).
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from recording import write_facts

BATCH = 32
SAME = 1e-4  # largest difference, in units of the largest number
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Shape:
    """A layer, and the square images it sees."""

    name: str
    channels: int
    filters: int
    size: int
    kernel: int
    stride: int = 1
    padding: int = 0

    @property
    def operations(self) -> int:
        """Multiplications and additions of one forward pass, as the definition counts them."""
        output = (self.size + 2 * self.padding - self.kernel) // self.stride + 1
        return 2 * BATCH * self.filters * self.channels * self.kernel**2 * output**2


SHAPES = (
    Shape("LeNet-5, first", 1, 6, 28, 5, padding=2),
    Shape("LeNet-5, second", 6, 16, 14, 5),
    Shape("VGG on 32 x 32, first", 3, 64, 32, 3, padding=1),
    Shape("VGG on 32 x 32, second", 64, 64, 32, 3, padding=1),
    Shape("VGG on 32 x 32, fourth", 128, 128, 16, 3, padding=1),
    Shape("VGG-16, block 5", 512, 512, 14, 3, padding=1),
    Shape("ResNet, stem", 3, 64, 224, 7, stride=2, padding=3),
    Shape("ResNet-18, stage 1", 64, 64, 56, 3, padding=1),
    Shape("ResNet-18, into stage 2", 64, 128, 56, 3, stride=2, padding=1),
    Shape("ResNet-18, stage 2", 128, 128, 28, 3, padding=1),
    Shape("ResNet-18, into stage 3", 128, 256, 28, 3, stride=2, padding=1),
    Shape("ResNet-18, stage 3", 256, 256, 14, 3, padding=1),
    Shape("ResNet-18, stage 4", 512, 512, 7, 3, padding=1),
    Shape("ResNet-18, shortcut", 64, 128, 56, 1, stride=2),
    Shape("ResNet-50, 1 x 1 up", 64, 256, 56, 1),
    Shape("ResNet-50, 1 x 1 down", 1024, 256, 14, 1),
)

Way = Callable[[], Any]


def ways(shape: Shape) -> dict[str, tuple[Way, Way]]:
    """Make the passes to be timed.

    Args:
        shape: the layer.

    Returns:
        "forward" and "backward" -> what runs ours, and what runs torch's.
    """
    import numpy as np
    import torch

    from helpers.nn import conv2d, conv2d_backward

    rng = np.random.default_rng(0)

    def draw(*size: int) -> np.ndarray:
        return rng.standard_normal(size, dtype=np.float32)

    x = draw(BATCH, shape.channels, shape.size, shape.size)
    W = draw(shape.filters, shape.channels, shape.kernel, shape.kernel)
    b = draw(shape.filters)
    leaves = [torch.from_numpy(array).requires_grad_() for array in (x, W, b)]
    output = torch.nn.functional.conv2d(*leaves, shape.stride, shape.padding)
    upstream = draw(*output.shape)
    slopes = torch.from_numpy(upstream)
    settings = {"stride": shape.stride, "padding": shape.padding}

    def torch_forward() -> list[np.ndarray]:
        with torch.no_grad():
            return [torch.nn.functional.conv2d(*leaves, shape.stride, shape.padding).numpy()]

    def torch_backward() -> list[np.ndarray]:
        found = torch.autograd.grad(output, leaves, slopes, retain_graph=True)
        return [one.numpy() for one in found]

    return {
        "forward": (lambda: [conv2d(x, W, b, **settings)], torch_forward),
        "backward": (lambda: conv2d_backward(upstream, x, W, **settings), torch_backward),
    }


def race(ours: Way, theirs: Way, repeats: int) -> dict[str, float]:
    """Let two ways take turns.

    Args:
        ours: the one whose time is divided.
        theirs: the other.
        repeats: timed turns of each; one more before them warms up.

    Returns:
        {"milliseconds", "torch_milliseconds": medians, "ratio": of the two, "difference": the
        largest, in units of the largest number}.

    Raises:
        ValueError: they do not give the same numbers, so the times compare nothing.
    """
    import numpy as np

    difference = max(
        float(np.abs(got - expected).max() / np.abs(expected).max())
        for got, expected in zip(ours(), theirs(), strict=True)
    )
    if difference > SAME:
        raise ValueError(f"the two libraries differ by {difference:.1e} of the largest number")
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for way, times in zip((ours, theirs), seconds, strict=True):
            began = time.perf_counter()
            way()
            times.append(time.perf_counter() - began)
    own, other = (1e3 * median(times) for times in seconds)
    return {
        "milliseconds": own,
        "torch_milliseconds": other,
        "ratio": own / other,
        "difference": difference,
    }


def peaks() -> dict[str, float]:
    """Measure how fast each library multiplies large matrices.

    Returns:
        "numpy" and "torch" -> operations a second, in thousands of millions.
    """
    import numpy as np
    import torch

    size = 1024
    a = np.random.default_rng(0).standard_normal((size, size), dtype=np.float32)
    b = torch.from_numpy(a)
    best = {}
    for name, way in {"numpy": lambda: a @ a, "torch": lambda: b @ b}.items():
        times = []
        for _ in range(9):
            began = time.perf_counter()
            way()
            times.append(time.perf_counter() - began)
        best[name] = 2e-9 * size**3 / min(times)
    return best


def measure(repeats: int, shapes: tuple[Shape, ...] = SHAPES) -> dict[str, Any]:
    """Race both passes of every shape.

    Args:
        repeats: timed turns of each library.
        shapes: the layers.

    Returns:
        Median and worst ratio of each pass, the speed of bare matrix products, and "shapes": what
        `race` found, by name and pass, with the operations of one forward pass.
    """
    table = {}
    for shape in shapes:
        both = {name: race(*pair, repeats) for name, pair in ways(shape).items()}
        table[shape.name] = {"operations": shape.operations, **both}
    ratios = {
        name: [row[name]["ratio"] for row in table.values()] for name in ("forward", "backward")
    }
    return {
        "forward_median": median(ratios["forward"]),
        "forward_worst": max(ratios["forward"]),
        "backward_median": median(ratios["backward"]),
        "backward_worst": max(ratios["backward"]),
        "matrix_product": peaks(),
        "shapes": table,
    }


def main() -> int:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="timed turns of each (5)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each library (1)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if options.repeats < 1 or options.threads < 1:
        parser.error("--repeats and --threads must be at least 1")
    os.environ.update(dict.fromkeys(THREADS, str(options.threads)))  # before NumPy is loaded
    import torch

    torch.set_num_threads(options.threads)
    results = measure(options.repeats)
    print(f"{'milliseconds, and ours to theirs':26}{'forward':>14}{'torch':>8}{'ratio':>7}", end="")
    print(f"{'backward':>10}{'torch':>8}{'ratio':>7}")
    for name, row in results["shapes"].items():
        print(f"{name:32}", end="")
        for one in (row["forward"], row["backward"]):
            print(f"{one['milliseconds']:8.1f}{one['torch_milliseconds']:8.1f}", end="")
            print(f"{one['ratio']:7.2f}  ", end="")
        print()
    for kind in ("median", "worst"):
        forward, backward = results[f"forward_{kind}"], results[f"backward_{kind}"]
        print(f"{kind:48}{forward:7.2f}{backward:25.2f}")
    speeds = results["matrix_product"]
    print(f"bare matrix product, GFLOP/s: numpy {speeds['numpy']:.0f}, torch {speeds['torch']:.0f}")
    write_facts(options.json, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
