"""Rates of training: the ceiling, the course's pipeline, the usual way, and what is possible."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from benchmarks.challenge import feeds, nets, timing
from benchmarks.challenge.timing import Variant
from helpers.challenge.errors import ChallengeError
from helpers.challenge.flora import draw
from helpers.challenge.prefetching import Batch

SMOOTHING, CLIP = 0.1, 1.0
PIPELINES = ("shards", "resident", "on_the_fly", "usual")
READERS = 6  # processes that read shards are enough; the usual way takes all it may have


@dataclass(frozen=True)
class Case:
    """A network and the pictures with which it is timed.

    Args:
        make: makes the network of a number of classes: `Scaled`, then the rest.
        size: side of a picture in pixels.
        batch: pictures in a step.
        pictures: about how many the set has.
        classes: how many.
    """

    make: Callable[[int], nn.Module]
    size: int
    batch: int
    pictures: int
    classes: int


CASES: Mapping[str, Mapping[str, Case]] = {
    "cuda": {
        "resnet18": Case(nets.resnet18, 64, 1024, 200_000, 100),
        "resnet50": Case(nets.resnet50, 128, 512, 60_000, 100),
    },
    "cpu": {"small": Case(nets.small, 32, 32, 1024, 10)},
}
"""What is timed on which device."""


@dataclass(frozen=True)
class Plan:
    """How the measurement is done.

    Args:
        device: where.
        rounds: how often each variant has its turn.
        steps: training steps in a turn.
        workers: processes that read; 0 reads in this one.
        compiled: whether torch.compile makes kernels for the network.
        mixed: bfloat16 where autocast says so.
    """

    device: torch.device
    rounds: int
    steps: int
    workers: int
    compiled: bool = False
    mixed: bool = True

    @property
    def readers(self) -> int:
        """How many processes read shards."""
        return min(self.workers, READERS)


def measure(
    case: Case,
    plan: Plan,
    answers: ModuleType,
    folder: Path,
    progress: Callable[[str], Any] = lambda name: None,
) -> dict[str, Any]:
    """Measure all that concerns one network.

    Args:
        case: the network and its pictures.
        plan: how to measure.
        answers: with the notebook's functions.
        folder: empty, for the shards.
        progress: called with the name of each variant before it is measured.

    Returns:
        The facts.
    """
    device, batch = plan.device, case.batch
    each = batch * max(1, plan.readers)  # so that no worker has a smaller batch at the end
    pictures = each * max(2, round(case.pictures / each))
    stock = feeds.make_stock(folder, pictures, case.classes, case.size, device)
    model = case.make(case.classes).to(device)
    flop = nets.flop_per_picture(model, case.size)
    parts = nets.layers(model, case.size, batch)
    variants, number_bytes = _variants(case, plan, answers, stock, model)
    rates = timing.take_turns(variants, plan.rounds, device, progress)
    found = {name: timing.spread(values) for name, values in rates.items()}
    ceiling, peak, bandwidth = (
        found[name]["median"] for name in ("ceiling", "matrix_product", "copy")
    )
    rate = {name: found[name]["median"] for name in ("ceiling", "ceiling_bare", *PIPELINES)}
    roofline = nets.roofline(parts, batch, peak, bandwidth, number_bytes)
    return {
        "size": case.size,
        "batch": batch,
        "classes": case.classes,
        "pictures": pictures,
        "parameters": sum(p.numel() for p in model.parameters()),
        "flop_per_picture": flop,
        "images_per_second": {name: found[name] for name in rate},
        "shards_alone_images_per_second": found["shards_alone"],
        "generator_images_per_second": found["generator"],
        "matrix_product_flop_per_second": found["matrix_product"],
        "memory_bytes_per_second": found["copy"],
        # of each round, since drift hits all of a round alike; then the median
        "fraction_of_ceiling": {
            name: timing.spread([a / b for a, b in zip(rates[name], rates["ceiling"], strict=True)])
            for name in (*PIPELINES, "ceiling_bare")
        },
        "model_flop_utilisation": {name: value * flop / peak for name, value in rate.items()},
        "roofline": roofline,
        "fraction_of_roofline": {
            "products": ceiling / roofline["images_per_second_products"],
            "all_layers": ceiling / roofline["images_per_second_all_layers"],
        },
        "intensity_of_products": {
            part.name: part.intensity(number_bytes) for part in parts if part.flop
        },
    }


def _variants(
    case: Case, plan: Plan, answers: ModuleType, stock: feeds.Stock, model: nn.Module
) -> tuple[dict[str, Variant], int]:
    """Set up all that is measured in turn; also give the bytes of a number in a product."""
    device, batch, steps, workers = plan.device, case.batch, plan.steps, plan.workers
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(answers.parameter_groups(model, 0.05), lr=1e-3)
    scaled_elsewhere: nn.Module = model[1]  # type: ignore[index]
    if plan.compiled:
        model, scaled_elsewhere = torch.compile(model), torch.compile(scaled_elsewhere)

    def course(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> None:
        answers.train_step(
            network, optimiser, images, labels, smoothing=SMOOTHING, clip=CLIP, mixed=plan.mixed
        )

    def bare(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> None:
        bare_step(network, optimiser, images, labels, mixed=plan.mixed)

    def training(
        batches: Iterator[Batch], step: Callable[..., None] = course, network: nn.Module = model
    ) -> Callable[[], None]:
        return lambda: step(network, *next(batches))

    # Before a turn of a pipeline that reads ahead, what it has in store is used up; a store that
    # shrinks slowly might still hide that reading is a little slower than training, so reading is
    # also measured alone.
    store = 3 + feeds.AHEAD * (workers + 1)
    shards = feeds.from_shards(stock, batch, answers, plan.readers)
    rest = 1.0 if workers else 0.0
    turn = partial(Variant, amount=batch, times=steps, warm=3)
    chunk = 4096 if device.type == "cuda" else 64
    labels = torch.arange(chunk, device=device) % len(stock.species)
    number = torch.bfloat16 if plan.mixed else torch.float32
    cuda = device.type == "cuda"
    variants = {
        "ceiling": turn(training(feeds.fixed(stock, batch))),
        "ceiling_bare": turn(training(feeds.fixed(stock, batch), bare)),
        "shards": turn(training(shards), warm=store, rest=rest),
        "resident": turn(training(feeds.from_memory(stock, batch, answers))),
        "on_the_fly": turn(training(feeds.drawn(stock, batch))),
        "usual": turn(
            training(feeds.usual(stock, batch, workers), network=scaled_elsewhere),
            times=max(1, steps // 3),  # it is slow
            warm=store,
            rest=rest,
        ),
        "shards_alone": turn(lambda: next(shards), warm=store, rest=rest),
        "generator": Variant(
            lambda: draw(stock.species, labels, seed=7, size=case.size), chunk, 4 if cuda else 1
        ),
        "matrix_product": timing.matrix_product(device, number, 8192 if cuda else 512),
        "copy": timing.copying(device, 2**31 if cuda else 2**26),
    }
    return variants, torch.finfo(number).bits // 8


def bare_step(
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    images: torch.Tensor,
    labels: torch.Tensor,
    *,
    mixed: bool,
) -> None:
    """Take the step of the notebook's `train_step`, but ask for no number and so never wait.

    `train_step` returns loss and norm as floats, for which the CPU waits until the GPU is ready;
    the difference between the two is what that costs.

    Args:
        model: gives scores.
        optimiser: of its parameters.
        images: (N, C, H, W).
        labels: (N,).
        mixed: bfloat16 where autocast says so.
    """
    model.train()
    optimiser.zero_grad()
    images = images.contiguous(memory_format=torch.channels_last)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=mixed):
        loss = functional.cross_entropy(model(images), labels, label_smoothing=SMOOTHING)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimiser.step()


def check_room(workers: int, case: Case) -> None:
    """Refuse more workers than shared memory has room for: they would be killed without a word.

    Args:
        workers: processes that read.
        case: the network and its pictures.

    Raises:
        ChallengeError: there is too little room.
    """
    shared = Path("/dev/shm")
    if not workers or not shared.is_dir():
        return
    batch = case.batch * 3 * case.size**2 * 5  # bytes of the course's way, floats of the usual one
    needed = (feeds.AHEAD + 1) * workers * batch
    free = shutil.disk_usage(shared).free
    if needed > free:
        raise ChallengeError(
            f"{workers} reading processes need {needed / 1e9:.1f} GB in {shared}, "
            f"{free / 1e9:.1f} GB is free",
            f"Give at most --workers {int(free / needed * workers)}, or a container more of it "
            "(--shm-size).",
        )


def default_workers(device: torch.device) -> int:
    """Say how many processes read unless somebody says so: none on the CPU, which trains."""
    if device.type == "cpu" or not hasattr(os, "fork"):
        return 0
    return max(1, min(12, len(os.sched_getaffinity(0)) - 2))
