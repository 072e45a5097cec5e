"""One training run, from the first step or from a checkpoint, in one process or in several.

The pieces that make it up (the step, the schedule, the average, the reader, …) are the student's,
out of the notebook. Here is only what joins them: which picture comes when, which process does
what, what is written down, and when to stop.

Several processes: started by torchrun, each takes its share of every batch
(`DistributedDataParallel` averages their gradients), so the run is that of one process with the
same whole batch. Source: P. Goyal et al., "Accurate, large minibatch SGD", arXiv:1706.02677, 2017.
"""

import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import is_zipfile

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from helpers.challenge.errors import ChallengeError
from helpers.challenge.feeding import Pictures
from helpers.challenge.models import ARCHITECTURES, make_model
from helpers.challenge.prefetching import ReadAhead, on_device
from helpers.challenge.run_log import RunLog

CHECKPOINT = "checkpoint.pt"
MODEL = "model.pt"
EVALUATIONS = 10  # in a run


@dataclass(frozen=True)
class Recipe:
    """All numbers of a run.

    Args:
        arch: a name of `ARCHITECTURES`, or of a function in the notebook that takes the number of
            classes and gives a network.
        pictures: the budget: how many pictures are seen, of all processes together.
        batch: pictures in a step, of all processes together.
        rate: largest learning rate.
        decay: weight decay.
        warm_up: share of the steps in which the rate rises.
        smoothing: of the labels.
        mixup: alpha of the mixing; 0 mixes nothing.
        augment: whether pictures are turned, mirrored and shifted.
        average: decay of the moving average.
        clip: largest norm of the gradient.
        parts: pieces into which each process cuts its share of a batch.
        mixed: bfloat16 where autocast says so.
        double: everything in float64, to compare runs.
        workers: processes that read pictures for each process that trains, in an order that depends
            on their count; with 0 it reads for itself.
        seed: of everything that chance decides.
    """

    arch: str = "residual"
    pictures: int = 300_000
    batch: int = 100
    rate: float = 4e-3
    decay: float = 0.05
    warm_up: float = 0.2
    smoothing: float = 0.1
    mixup: float = 0.0
    augment: bool = True
    average: float = 0.998
    clip: float = 1.0
    parts: int = 1
    mixed: bool = False
    double: bool = False
    workers: int = 0
    seed: int = 0

    @property
    def steps(self) -> int:
        """How many steps the budget is enough for."""
        return self.pictures // self.batch


@dataclass(frozen=True)
class World:
    """The processes of a run.

    Args:
        rank: number of this one.
        ranks: how many there are.
        device: where this one computes.
    """

    rank: int = 0
    ranks: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def leads(self) -> bool:
        """Whether this process writes what one alone may write."""
        return self.rank == 0


def join_world(device: str | None = None) -> World:
    """Find out which process this is, and meet the others if there are any.

    Args:
        device: "cpu" or "cuda"; by default a GPU where there is one.

    Returns:
        The processes, as torchrun has started them.

    Raises:
        ChallengeError: a GPU is asked for and there is none.
    """
    ranks, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    kind = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if kind == "cuda" and not torch.cuda.is_available():
        raise ChallengeError(
            "PyTorch finds no GPU here", "Leave out --device: then it takes what there is."
        )
    place = torch.device(kind, int(os.environ.get("LOCAL_RANK", "0"))) if kind == "cuda" else kind
    if kind == "cuda":
        torch.cuda.set_device(place)
    if ranks > 1:
        torch.distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    return World(rank, ranks, torch.device(place))


class Run:
    """A training run.

    Args:
        answers: module with the student's functions.
        recipe: the numbers.
        pictures: what is trained on.
        out: folder for log, checkpoint and model.
        world: the processes; one on the CPU unless given.
        resume: go on from the checkpoint in `out`.

    Raises:
        ChallengeError: the recipe makes no sense, or there is nothing to resume.
    """

    def __init__(
        self,
        answers: ModuleType,
        recipe: Recipe,
        pictures: Pictures,
        out: Path,
        world: World | None = None,
        *,
        resume: bool = False,
    ) -> None:
        world = world or World()
        _check(recipe, world)
        self.answers, self.recipe, self.pictures = answers, recipe, pictures
        self.out, self.world, self.step = out, world, 0
        self.last: dict[str, float] = {}  # what was measured last on the test pictures
        self.stopping = False  # set by a signal: finish the step, write a checkpoint, end
        self._number = torch.float64 if recipe.double else torch.float32
        torch.manual_seed(recipe.seed)
        model = _make(answers, recipe.arch, pictures.classes)
        model = model.to(world.device, self._number)
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._try_out(model)
        self.network: nn.Module = model
        self.average = answers.ExponentialMovingAverage(model, recipe.average)
        groups = answers.parameter_groups(model, recipe.decay)
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate)
        self.model: nn.Module = model
        if world.ranks > 1:
            ids = [world.device] if world.device.type == "cuda" else None
            self.model = DistributedDataParallel(model, device_ids=ids)
        torch.manual_seed(_own_seed(recipe.seed, world.rank))
        out.mkdir(parents=True, exist_ok=True)
        if resume:
            self._resume()
        self.log = RunLog(out, self.step) if world.leads else None

    def train(self, *, stop_at: int | None = None, progress: Any = None) -> bool:
        """Train until the budget is spent, somebody asks to stop, or a step is reached.

        Args:
            stop_at: step before which the run stops, as if by a signal.
            progress: called with the numbers of every step.

        Returns:
            Whether the run is finished.

        Raises:
            ChallengeError: the loss is not a number any more.
        """
        steps, before = self.recipe.steps, time.perf_counter()
        every = max(1, steps // EVALUATIONS)
        batches = self._batches()
        while self.step < steps:
            if self.step == stop_at or self._asked_to_stop():
                self.save()
                return False
            row = self._one_step(*next(batches))
            row["seconds"] = time.perf_counter() - before
            if self.step % every == 0 or self.step == steps:
                self.last = self._evaluate()
                row |= self.last
                self.save()
            if self.log:
                self.log.write(row)
            if progress:
                progress(row)
        self.last = self.last or self._evaluate()  # resumed when nothing was left to do
        self._finish()
        return True

    @torch.no_grad()
    def _try_out(self, model: nn.Module) -> None:
        """Make sure that a network takes pictures and gives scores, before it is trained."""
        images = self.pictures.test_images[:2].to(self.world.device)
        images = images.to(self._number) if self.recipe.double else images
        try:
            scores = model.eval()(images)
        except (RuntimeError, TypeError, ValueError) as error:
            raise ChallengeError(
                f"the network {self.recipe.arch} cannot take pictures of {self.pictures.size} × "
                f"{self.pictures.size}: {_in_short(error)}",
                "It is given bytes from 0 to 255, (N, 3, H, W) uint8; a network that begins with "
                "helpers.challenge.models.Scaled() can work with them.",
            ) from None
        model.train()
        wanted = (len(images), self.pictures.classes)
        if not isinstance(scores, Tensor) or scores.shape != wanted:
            came = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
            raise ChallengeError(
                f"for {wanted[0]} pictures the network {self.recipe.arch} gives {came}, not "
                f"{wanted}",
                "Let it give one row a picture and one score a class.",
            )

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Give this process's batches from the present step to the last one, on its device."""
        left = max(0, self.recipe.steps - self.step)
        return on_device(islice(self._read(), left), self.world.device)

    def _read(self) -> Iterator[tuple[Tensor, Tensor]]:
        count = self.recipe.workers
        reading = ReadAhead(self._reader, workers=count, pinned=self.world.device.type == "cuda")
        parts = [self._reader(0, worker, count or 1) for worker in range(count or 1)]
        epoch, done = divmod(self.step, sum(len(part) for part in parts))
        while True:
            for number, batch in enumerate(reading.epoch(epoch)):
                if number >= done:
                    yield batch
            epoch, done = epoch + 1, 0

    def _reader(self, epoch: int, worker: int, workers: int) -> Any:
        reader = self.answers.ShardedImages(
            self.pictures.train(epoch),
            self.recipe.batch // self.world.ranks,
            rank=self.world.rank,
            ranks=self.world.ranks,
            worker=worker,
            workers=workers,
            seed=self.recipe.seed,
        )
        reader.set_epoch(epoch)
        return reader

    def _one_step(self, images: Tensor, labels: Tensor) -> dict[str, Any]:
        recipe = self.recipe
        if recipe.augment:
            images = self.answers.augment_batch(images)
        if recipe.mixup or recipe.double:
            images = images.to(self._number)
        if recipe.mixup:
            images, labels = self.answers.mixup_batch(
                images, labels, self.pictures.classes, recipe.mixup
            )
        rate = self.answers.one_cycle(self.step, recipe.steps, recipe.rate, recipe.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss, norm = self.answers.train_step(
            self.model,
            self.optimiser,
            images,
            labels,
            smoothing=recipe.smoothing,
            clip=recipe.clip,
            parts=recipe.parts,
            mixed=recipe.mixed,
        )
        loss = self._mean(loss)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise ChallengeError(
                f"step {self.step}: the loss is {loss}, the gradient's norm {norm} "
                f"(learning rate {rate:.2g})",
                "Lower --rate or --clip, or lengthen --warm-up; the last checkpoint is untouched.",
            )
        self.average.update(self.network)
        self.step += 1
        seen = self.step * recipe.batch
        return {"step": self.step, "pictures": seen, "rate": rate, "loss": loss, "norm": norm}

    @torch.no_grad()
    def _evaluate(self) -> dict[str, float]:
        """Measure model and average on the test pictures, in the leading process alone."""
        if not self.world.leads:
            return {}
        found = {}
        labels = self.pictures.test_labels
        for name, model in (("accuracy", self.network), ("accuracy_average", self.average.model)):
            right = 0
            for images, wanted in zip(
                self.pictures.test_images.split(500), labels.split(500), strict=True
            ):
                images = images.to(self.world.device)
                images = images.to(self._number) if self.recipe.double else images
                best = self.answers.predict(model, images).argmax(1).cpu()
                right += int((best == wanted).sum())
            found[name] = right / len(labels)
        return found

    def save(self) -> None:
        """Write a checkpoint, whole or not at all."""
        blob = self.answers.save_checkpoint(self.network, self.optimiser, self.average, self.step)
        path = self._checkpoint
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(blob)
        unfinished.replace(path)

    @property
    def _checkpoint(self) -> Path:
        rank = self.world.rank
        return self.out / (CHECKPOINT if rank == 0 else f"checkpoint-{rank}.pt")

    def _resume(self) -> None:
        path = self._checkpoint
        if not path.is_file():
            raise ChallengeError(
                f"{path} is not there, so there is nothing to resume",
                "Start without --resume, or name the folder of the run with --out.",
            )
        if not is_zipfile(path):  # as torch.save writes them
            raise ChallengeError(f"{path} is damaged", "Start the run anew: leave out --resume.")
        try:
            self.step = self.answers.load_checkpoint(
                path.read_bytes(), self.network, self.optimiser, self.average
            )
        except (RuntimeError, KeyError, ValueError) as error:
            raise ChallengeError(
                f"{path} does not fit this run: {_in_short(error)}",
                "Resume with the network and recipe with which the run was started.",
            ) from None
        if self._mean(float(self.step)) != self.step:
            raise ChallengeError(
                f"the processes' checkpoints in {self.out} are of different steps",
                "The run was killed while they were written: start it anew.",
            )

    def _mean(self, number: float) -> float:
        """Average a number over all processes."""
        if self.world.ranks == 1:
            return number
        tensor = torch.tensor([number], dtype=torch.float64, device=self.world.device)
        torch.distributed.all_reduce(tensor)
        return tensor.item() / self.world.ranks

    def _asked_to_stop(self) -> bool:
        return self._mean(float(self.stopping)) > 0

    def _finish(self) -> None:
        if self.world.leads:
            content = {"model": self.average.model.state_dict(), **asdict(self.recipe)}
            torch.save(content, self.out / MODEL)
        if self.log:
            self.log.close()


def _make(answers: ModuleType, arch: str, classes: int) -> nn.Module:
    own = getattr(answers, arch, None)
    if arch not in ARCHITECTURES and callable(own):
        try:
            made = own(classes)
        except TypeError as error:
            raise ChallengeError(
                f"`{arch}` of the notebook makes no network: {_in_short(error)}",
                "It should take the number of classes and return an nn.Module.",
            ) from None
        if not isinstance(made, nn.Module):
            raise ChallengeError(
                f"`{arch}` of the notebook gives a {type(made).__name__}",
                "It should take the number of classes and return an nn.Module.",
            )
        return made
    return make_model(arch, classes)


def _own_seed(seed: int, rank: int) -> int:
    """Give each process draws of its own."""
    return 1_000_003 * seed + rank + 1


def _in_short(error: Exception) -> str:
    """Give the beginning of a library's message on one line."""
    return " ".join(str(error).split())[:200]


def _check_numbers(recipe: Recipe) -> None:
    wanted = {
        "batch": (recipe.batch >= 1, "at least 1"),
        "parts": (recipe.parts >= 1, "at least 1"),
        "rate": (0 < recipe.rate < math.inf, "more than 0"),
        "decay": (0 <= recipe.decay < math.inf, "0 or more"),
        "warm_up": (0 <= recipe.warm_up < 1, "at least 0 and less than 1"),
        "smoothing": (0 <= recipe.smoothing <= 1, "from 0 to 1"),
        "mixup": (0 <= recipe.mixup < math.inf, "0 or more"),
        "average": (0 <= recipe.average < 1, "at least 0 and less than 1"),
        "clip": (recipe.clip > 0, "more than 0"),
        "seed": (recipe.seed >= 0, "0 or more"),
    }
    for name, (right, what) in wanted.items():
        if not right:
            option = f"--{name.replace('_', '-')}"
            raise ChallengeError(
                f"{option} {getattr(recipe, name)} makes no sense", f"It should be {what}."
            )


def _check(recipe: Recipe, world: World) -> None:
    _check_numbers(recipe)
    if recipe.batch % world.ranks:
        raise ChallengeError(
            f"a batch of {recipe.batch} cannot be shared by {world.ranks} processes",
            "Choose --batch as a multiple of their number.",
        )
    if recipe.steps < 1:
        raise ChallengeError(
            f"a budget of {recipe.pictures} pictures is less than one batch of {recipe.batch}",
            "Raise --pictures or lower --batch.",
        )
    if recipe.workers < 0 or (recipe.workers and not hasattr(os, "fork")):
        raise ChallengeError(
            f"{recipe.workers} reading processes cannot be started here",
            "Leave out --workers: the process that trains reads for itself.",
        )
