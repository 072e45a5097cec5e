"""A peer: airbench, the fastest known training on pictures of CIFAR-10's size.

Its network, its optimiser and its loop are run as they are, once with its own loader and once with
ours, in turn, on pictures of the flora in CIFAR-10's form: 50,000 of 32 × 32 in ten classes, half
precision, all of it on the GPU. Source: K. Jordan, "94% on CIFAR-10 in 3.29 seconds on a single
GPU", arXiv:2404.00498, 2024.
"""

import contextlib
import importlib
import importlib.metadata
import math
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from benchmarks.challenge import timing
from helpers.challenge.errors import ChallengeError
from helpers.challenge.flora import make_set
from helpers.challenge.prefetching import Batch, resident_batches

VERSION = "0.1.8"
CLASSES, SIZE, BATCH = 10, 32, 1024  # hard-wired there
PER_CLASS, TEST_PER_CLASS = 5000, 1000
FOLDER = "cifar10"  # within the working folder, hard-wired there
_SHIFT = 2
_AUGMENTATION = {"flip": True, "translate": _SHIFT}
_MEAN, _DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)  # those of CIFAR-10


def find() -> tuple[ModuleType, ModuleType]:
    """Import airbench, which is no part of the course's environment.

    Returns:
        The package, and its module with loop and loader.

    Raises:
        ChallengeError: it is not installed.
    """
    try:
        package = importlib.import_module("airbench")
        return package, importlib.import_module("airbench.utils")
    except ImportError:
        raise ChallengeError(
            "airbench is not installed, and is no part of the course's environment",
            f"For this comparison alone: pip install --no-deps airbench=={VERSION}",
        ) from None


def compare(
    folder: Path, answers: ModuleType, device: torch.device, *, seeds: int, epochs: float
) -> dict[str, Any]:
    """Train airbench's network with both loaders, in turn, over some seeds.

    Args:
        folder: empty; the pictures are written there for airbench.
        answers: with the notebook's `augment_batch`.
        device: a GPU.
        seeds: how many runs with each loader, one more of each thrown away.
        epochs: of each run.

    Returns:
        The facts.

    Raises:
        ChallengeError: there is no GPU, or no airbench.
    """
    package, module = find()
    if device.type != "cuda":
        raise ChallengeError("airbench trains on a GPU only", "Run this part where there is one.")
    train, _ = write_pictures(folder / FOLDER, device)

    def loader(name: str) -> Any:
        if name == "ours":
            return Loader(*train, answers)
        return module.CifarLoader(
            FOLDER,
            train=True,
            batch_size=BATCH,
            aug=_AUGMENTATION,
            altflip=True,
            gpu=device.index or 0,
        )

    runs: dict[str, list[dict[str, float]]] = {"theirs": [], "ours": []}
    with contextlib.chdir(folder), _listening(module) as said:
        for number in range(seeds + 1):
            for name in runs if number % 2 else reversed(runs):
                torch.manual_seed(number)
                said.clear()
                package.train94(loader(name), epochs=epochs, run=1, verbose=True)
                if number:  # the first of each warms up
                    runs[name].append(_outcome(said))
    seen = BATCH * math.ceil(len(train[1]) // BATCH * epochs)
    facts: dict[str, Any] = {
        "airbench": _version(),
        "network": "make_net94",
        "epochs": epochs,
        "batch": BATCH,
        "pictures": len(train[1]),
    }
    for name, some in runs.items():
        facts[name] = {
            "runs": some,
            "images_per_second": timing.spread([seen / run["seconds"] for run in some]),
            "accuracy": timing.spread([run["accuracy"] for run in some]),
            "accuracy_averaged": timing.spread([run["accuracy_averaged"] for run in some]),
        }
    pairs = zip(runs["theirs"], runs["ours"], strict=True)
    facts["speed_against_theirs"] = timing.spread([a["seconds"] / b["seconds"] for a, b in pairs])
    return facts


def write_pictures(
    folder: Path, device: torch.device, per_class: int = PER_CLASS, test: int = TEST_PER_CLASS
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Draw pictures, and write them as airbench reads them.

    Args:
        folder: gets `train.pt` and `test.pt`, pictures (N, H, W, 3) uint8.
        device: where they are drawn.
        per_class: training pictures of each class.
        test: test pictures of each class.

    Returns:
        Pictures (N, 3, H, W) and labels to train with, and those to test with, on the device.
    """
    folder.mkdir(parents=True)
    sets = []
    for seed, (name, count) in enumerate((("train", per_class), ("test", test)), start=1):
        images, labels = make_set(range(CLASSES), count, seed=seed, size=SIZE, device=device)
        # in shuffled order: airbench makes its first layer from the first 5,000
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
        images, labels = images[order.to(device)], labels[order.to(device)]
        content = {
            "images": images.permute(0, 2, 3, 1).contiguous().cpu(),
            "labels": labels.cpu(),
            "classes": [f"species {number}" for number in range(CLASSES)],
        }
        torch.save(content, folder / f"{name}.pt")
        sets.append((images, labels))
    return sets[0], sets[1]


class Loader:
    """Our loader as airbench's loop wants one: bytes until the last moment, augmented by batches.

    Args:
        raw: (N, 3, 32, 32) uint8, on the device.
        labels: (N,), on the same device.
        answers: with the notebook's `augment_batch`.
        batch_size: pictures in a step.

    Attributes:
        epoch: number of the next epoch; set by the loop.
    """

    def __init__(
        self, raw: Tensor, labels: Tensor, answers: ModuleType, batch_size: int = BATCH
    ) -> None:
        self.raw, self.labels, self.batch_size = raw, labels, batch_size
        self.epoch, self.answers = 0, answers
        self.seed = int(torch.randint(2**20, ()))
        mean, deviation = (
            torch.tensor(values, device=raw.device)[:, None, None] for values in (_MEAN, _DEVIATION)
        )
        self._scale = (1 / (255 * deviation)).half()
        self._shift = (-mean / deviation).half()

    @property
    def images(self) -> Tensor:
        """The pictures from 0 to 1 in half precision; airbench looks at the first 5,000."""
        return self.raw[:5000].half() / 255

    def normalize(self, images: Tensor) -> Tensor:
        """Scale pictures from 0 to 1 by CIFAR-10's statistics, as airbench does."""
        return images * (255 * self._scale) + self._shift

    def __len__(self) -> int:
        return len(self.raw) // self.batch_size

    def __iter__(self) -> Iterator[Batch]:
        batches = resident_batches(
            self.raw, self.labels, self.batch_size, seed=self.seed, epoch=self.epoch
        )
        self.epoch += 1
        for images, labels in batches:
            images = self.answers.augment_batch(images, _SHIFT)
            images = images.contiguous(memory_format=torch.channels_last).half()
            yield torch.addcmul(self._shift, images, self._scale), labels


@contextlib.contextmanager
def _listening(module: ModuleType) -> Iterator[list[dict[str, Any]]]:
    """Take what airbench would print: it times its steps by CUDA events, and returns nothing."""
    said: list[dict[str, Any]] = []

    def note(variables: dict[str, Any], is_final_entry: bool) -> None:
        names = "epoch", "val_acc", "tta_val_acc", "total_time_seconds"
        said.append({name: variables.get(name) for name in names})

    before = module.print_training_details  # type: ignore[attr-defined]
    module.print_training_details = note  # type: ignore[attr-defined]
    try:
        yield said
    finally:
        module.print_training_details = before  # type: ignore[attr-defined]


def _outcome(said: list[dict[str, Any]]) -> dict[str, float]:
    """Give the training seconds without any evaluation, and both accuracies, of one run."""
    *_, last, final = said  # the last epoch; then the evaluation, whose time is added at the end
    return {
        "seconds": last["total_time_seconds"],
        "accuracy": last["val_acc"],
        "accuracy_averaged": final["tta_val_acc"],
    }


def _version() -> str:
    try:
        return importlib.metadata.version("airbench")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
