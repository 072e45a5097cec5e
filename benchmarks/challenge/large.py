"""Train on the large tier within minutes: everything on the device, pictures drawn anew.

The set lies in the device's memory and is drawn again for every epoch, so that no picture is seen
twice; each is also augmented by the notebook's function. How many steps there is time for is
measured first, and the schedule is made for that many.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.challenge import timing
from helpers.challenge.errors import ChallengeError
from helpers.challenge.flora import draw, make_set
from helpers.challenge.prefetching import resident_batches
from helpers.challenge.species import make_species
from helpers.challenge.tiers import TEST_SEED, Tier

_SEED = 3_141_592  # of pictures and order
_CHUNK = 65_536  # pictures drawn at once: the set may fill most of the memory
_AVERAGED_EVERY = 5  # steps: an average moves slowly, and an update of it touches every weight
_RESERVE = 0.05  # of the time, for what was not foreseen
_LOOKS = 5  # at the test pictures, on the way


@dataclass(frozen=True)
class Attempt:
    """What is trained, and how long.

    Args:
        tier: the pictures.
        make: makes the network of a number of classes.
        minutes: from the first picture drawn to the last one recognised.
        target: accuracy to be reached, from 0 to 1.
        batch: pictures in a step.
        rate: largest learning rate.
        decay: weight decay.
        smoothing: of the labels.
        average: decay of the moving average, for each step.
        most: steps at most, if it is not the time alone that decides.
        trial: steps with which the rate is measured.
        mixed: bfloat16 where autocast says so.
        compiled: whether torch.compile makes kernels for the network.
        seed: of weights and augmentation.
    """

    tier: Tier
    make: Callable[[int], nn.Module]
    minutes: float
    target: float
    batch: int = 1024
    rate: float = 4e-3
    decay: float = 0.05
    smoothing: float = 0.05
    average: float = 0.999
    most: int | None = None
    trial: int = 30
    mixed: bool = True
    compiled: bool = False
    seed: int = 0


def train(
    attempt: Attempt,
    answers: ModuleType,
    device: torch.device,
    progress: Callable[[dict[str, Any]], Any] = lambda row: None,
) -> dict[str, Any]:
    """Train once, and measure on pictures that were never seen.

    Args:
        attempt: what to do.
        answers: with the notebook's functions.
        device: where.
        progress: called with every look at the test pictures.

    Returns:
        The facts.

    Raises:
        ChallengeError: the time is too short for a single step of training.
    """
    begin = time.perf_counter()

    def passed() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - begin

    tier = attempt.tier
    batch = min(attempt.batch, tier.classes * tier.per_class)
    torch.manual_seed(attempt.seed)
    species = make_species(range(tier.classes)).to(device)
    labels = torch.arange(tier.classes * tier.per_class, device=device) % tier.classes
    images = torch.empty(len(labels), 3, tier.size, tier.size, dtype=torch.uint8, device=device)
    test = make_set(
        range(tier.classes), tier.test_per_class, seed=TEST_SEED, size=tier.size, device=device
    )
    before = passed()
    _draw_again(images, labels, species, epoch=0)
    drawing = passed() - before
    model = attempt.make(tier.classes).to(device)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _Training(attempt, answers, model)
    rate = run.try_out(images[:batch].clone(), labels[:batch].clone(), device)
    look = _look(run, test)  # also a warm-up
    before = passed()
    _look(run, test)
    looking = passed() - before
    each = 1 / rate + drawing / len(images)  # seconds a picture, with those for drawing it anew
    left = 60 * attempt.minutes * (1 - _RESERVE) - passed() - (_LOOKS + 1) * looking
    steps = int(left / (each * batch))
    steps = steps if attempt.most is None else min(steps, attempt.most)
    if steps < 1:
        raise ChallengeError(
            f"{attempt.minutes:g} minutes are too short to train on {len(images):,} pictures here",
            "Raise --minutes.",
        )
    started, drawn, step, epoch = passed(), 0.0, 0, 0
    rows: list[dict[str, Any]] = []
    every = max(1, steps // _LOOKS)
    while step < steps:
        if epoch:
            before = passed()
            _draw_again(images, labels, species, epoch=epoch)
            drawn += passed() - before
        for batch_now in resident_batches(images, labels, batch, seed=attempt.seed, epoch=epoch):
            run.step(*batch_now, step, steps)
            step += 1
            if step % every == 0 or step == steps:
                look = _look(run, test)
                rows.append({"step": step, "seconds": round(passed(), 1), "accuracy": look})
                progress(rows[-1])
            if step == steps:
                break
        epoch += 1
    seconds = passed()
    return {
        "tier": tier.name,
        "classes": tier.classes,
        "size": tier.size,
        "test_pictures": len(test[1]),
        "batch": batch,
        "parameters": sum(p.numel() for p in model.parameters()),
        "pictures_seen": steps * batch,
        "seconds": seconds,
        "seconds_drawing": drawing + drawn,
        "seconds_training": seconds - started - drawn,
        "images_per_second": steps * batch / (seconds - started),
        "generator_images_per_second": len(images) / drawing,
        "accuracy": look,
        "target": attempt.target,
        "reached": look >= attempt.target,
        "looks": rows,
    }


class _Training:
    """Network, optimiser and average of a run."""

    def __init__(self, attempt: Attempt, answers: ModuleType, model: nn.Module) -> None:
        self.attempt, self.answers, self.plain = attempt, answers, model
        self.average = answers.ExponentialMovingAverage(model, attempt.average**_AVERAGED_EVERY)
        self.model: nn.Module = torch.compile(model) if attempt.compiled else model  # type: ignore[assignment]
        groups = answers.parameter_groups(model, attempt.decay)
        self.optimiser = torch.optim.AdamW(groups, lr=attempt.rate)

    def step(self, images: Tensor, labels: Tensor, step: int, steps: int) -> None:
        """Take a step."""
        attempt, answers = self.attempt, self.answers
        for group in self.optimiser.param_groups:
            group["lr"] = answers.one_cycle(step, steps, attempt.rate)
        answers.train_step(
            self.model,
            self.optimiser,
            answers.augment_batch(images),
            labels,
            smoothing=attempt.smoothing,
            mixed=attempt.mixed,
        )
        if step % _AVERAGED_EVERY == 0:
            self.average.update(self.plain)

    def try_out(self, images: Tensor, labels: Tensor, device: torch.device) -> float:
        """Measure pictures a second; network, optimiser and average are as before afterwards."""
        kept = copy.deepcopy((self.plain.state_dict(), self.optimiser.state_dict()))
        average = copy.deepcopy(self.average.state_dict())
        trial = self.attempt.trial

        def steps() -> None:
            for number in range(trial):
                self.step(images, labels, number, trial)

        steps()  # warms up
        rate = trial * len(images) / timing.seconds(steps, device)
        self.plain.load_state_dict(kept[0])
        self.optimiser.load_state_dict(kept[1])
        self.average.load_state_dict(average)
        return rate


def _look(run: _Training, test: tuple[Tensor, Tensor]) -> float:
    """Measure the average's accuracy on the test pictures, each with its mirror image."""
    images, labels = test
    device = images.device.type
    with torch.autocast(device, torch.bfloat16, enabled=run.attempt.mixed):
        best = run.answers.predict(run.average.model, images).argmax(1)
    return (best == labels).double().mean().item()


def _draw_again(images: Tensor, labels: Tensor, species: Tensor, *, epoch: int) -> None:
    """Draw a picture for each label, others in each epoch, into (N, 3, size, size)."""
    for number, first in enumerate(range(0, len(images), _CHUNK)):
        part = slice(first, first + _CHUNK)
        seed = (_SEED << 40) + (epoch << 20) + number
        images[part] = draw(species, labels[part], seed=seed, size=images.shape[-1])
