"""The challenge from end to end in a few minutes: pictures, training, export, scores, board.

In a folder of its own, with a hidden set of its own and five participants: one who trains a
residual net for a minute, one who trains a linear one, one who guesses, and two whose files are
traps. Nothing of the real course is touched.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from autograder.challenge.board import write_board, write_result
from autograder.challenge.evaluation import score_class
from autograder.challenge.handed_in import MODEL, PREDICTIONS
from autograder.challenge.hidden import draw_hidden_set
from autograder.challenge.journal import Event, read_journal
from autograder.challenge.standing import Standing, pseudonym_key, standings
from autograder.course import Course, load_course
from autograder.errors import CourseError
from autograder.submissions import SUBMITTED
from autograder.wall import Sandbox
from helpers.challenge.export import OPSET, PICTURES, SCORES, export
from helpers.challenge.flora import make_set

CLASSES, SIZE = 10, 64
PER_CLASS = 300
HIDDEN_PER_CLASS = 50
BATCH = 100
LINEAR_STEPS = 60
CHANCE = 1 / CLASSES
RESIDUAL, LINEAR, GUESSER, BOMB, OUTSIDE = "residual", "linear", "guesser", "bomb", "outside"
TRAPS = (BOMB, OUTSIDE)
MARK = ".made-by-course-challenge-demo"
Say = Callable[[str, float], None]


@dataclass
class Outcome:
    """What the demo did.

    Attributes:
        course: the demo's own.
        board: the page.
        results: the pages for the instructor, by participant.
        events: what came of each submission.
        rows: the board's rows.
        pictures_seen: by the residual net in training.
        seconds: how long each part took.
    """

    course: Course
    board: Path
    results: dict[str, Path]
    events: dict[str, Event]
    rows: list[Standing]
    pictures_seen: int
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def differences(self) -> list[str]:
        """Everything that did not come out as it should, one sentence each."""
        sentences = [
            f"{name} was not refused" for name in TRAPS if self.events[name].problem is None
        ]
        sentences += [
            f"{name} was refused: {self.events[name].problem}"
            for name in (RESIDUAL, LINEAR, GUESSER)
            if self.events[name].problem is not None
        ]
        learnt, guessed = self.events[RESIDUAL].private, self.events[GUESSER].public
        if learnt is not None and learnt.accuracy_interval[0] <= 2 * CHANCE:
            sentences.append(f"the residual net learnt nothing ({learnt.accuracy:.0%})")
        if guessed is not None and guessed.accuracy > 2 * CHANCE:
            sentences.append(f"guessing reached {guessed.accuracy:.0%}")
        return sentences


def run_demo(
    target: Path, *, training_seconds: float, sandbox: Sandbox, say: Say = lambda what, took: None
) -> Outcome:
    """Run all of the challenge once.

    Args:
        target: the demo's folder; an earlier demo there is replaced.
        training_seconds: how long the residual net is trained.
        sandbox: "none" for limits only; else the best wall that this machine has.
        say: is told each part that is done, and how long it took.

    Returns:
        What came of it.

    Raises:
        CourseError: the folder holds something else, or there is no wall on this machine.
    """
    course = _make_stage(target)
    watch = _Watch(say)
    images, labels = make_set(range(CLASSES), PER_CLASS, seed=1, size=SIZE)
    watch.done("pictures", f"{len(labels):,} training pictures of {CLASSES} classes drawn")
    hidden = draw_hidden_set(course)
    number = len(hidden.halves["public"].labels)
    watch.done("hidden", f"a hidden set drawn, {number} public and {number} private pictures")
    torch.manual_seed(0)
    linear = nn.Sequential(_Scaled(), nn.Flatten(), nn.Linear(3 * SIZE * SIZE, CLASSES))
    _train(linear, images, labels, steps=LINEAR_STEPS)
    residual = _Residual(CLASSES)
    seen = _train(residual, images, labels, seconds=training_seconds)
    watch.done("training", f"a linear and a residual net trained; {seen:,} pictures seen")
    export(linear, _place(course, LINEAR) / MODEL, size=SIZE)
    export(residual, _place(course, RESIDUAL) / MODEL, size=SIZE)
    guesses = np.random.default_rng(0).integers(CLASSES, size=number)
    np.savez(_place(course, GUESSER) / PREDICTIONS, predictions=guesses)
    _write_traps(course)
    watch.done("export", "two models exported, predictions and two traps handed in")
    events = score_class(course, sandbox=sandbox)
    results = {event.student: write_result(course, event) for event in events}
    watch.done("score", f"{len(events)} submissions scored behind the wall")
    rows = standings(read_journal(course, hidden.name), course.challenge, pseudonym_key(course))
    board = write_board(course, rows)
    watch.done("board", "the board written")
    by_name = {event.student: event for event in events}
    return Outcome(course, board, results, by_name, rows, seen, watch.seconds)


class _Watch:
    def __init__(self, say: Say) -> None:
        self._say = say
        self._since = time.monotonic()
        self.seconds: dict[str, float] = {}

    def done(self, part: str, what: str) -> None:
        now = time.monotonic()
        self.seconds[part] = round(now - self._since, 1)
        self._say(what, now - self._since)
        self._since = now


def _make_stage(target: Path) -> Course:
    target = target.resolve()
    if target.exists() and any(target.iterdir()):
        if not (target / MARK).is_file():
            raise CourseError(
                f"{target} is not empty and was not made by `course challenge demo`.",
                "Give a new folder by --target.",
            )
        shutil.rmtree(target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    (target / MARK).write_text("This folder is replaced whenever `course challenge demo` runs.\n")
    (target / "course.toml").write_text(
        "# Made by `course challenge demo`.\n"
        'title = "The challenge in small"\n\n[challenge]\n'
        f"classes = {CLASSES}\nsize = {SIZE}\nladder_step = 1.0\n"
        f"public_per_class = {HIDDEN_PER_CLASS}\nprivate_per_class = {HIDDEN_PER_CLASS}\n"
    )
    return load_course(target)


def _place(course: Course, student: str) -> Path:
    folder = course.private / SUBMITTED / student / course.challenge.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class _Scaled(nn.Module):
    """Turn bytes into numbers from −1 to 1."""

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.float() / 127.5 - 1


class _Block(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.around = nn.Conv2d(channels, width, 1, stride=2, bias=False)

    def forward(self, h: Tensor) -> Tensor:
        return torch.relu(self.inner(h) + self.around(h))


class _Residual(nn.Sequential):
    """A small residual net (K. He et al., CVPR 2016)."""

    def __init__(self, classes: int, width: int = 16) -> None:
        super().__init__(
            _Scaled(),
            nn.Conv2d(3, width, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            _Block(width, 2 * width),
            _Block(2 * width, 4 * width),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(4 * width, classes),
        )


def _train(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int | None = None,
    seconds: float = 0.0,
) -> int:
    """Train for a count of steps, or for a time, the learning rate falling to nothing.

    Returns:
        How many pictures were seen.
    """
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.05)
    generator = torch.Generator().manual_seed(0)
    began, step = time.monotonic(), 0
    while True:
        share = step / steps if steps else (time.monotonic() - began) / seconds
        if share >= 1:
            return step * BATCH
        optimiser.param_groups[0]["lr"] = 4e-3 * min(1.0, 8 * share + 0.1) * (1 - share)
        chosen = torch.randint(len(labels), (BATCH,), generator=generator)
        batch = images[chosen]
        if torch.rand((), generator=generator) < 0.5:
            batch = batch.flip(3)
        batch = batch.rot90(int(torch.randint(4, (), generator=generator)), (2, 3))
        loss = functional.cross_entropy(model(batch), labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1


def _write_traps(course: Course) -> None:
    """Hand in two files that must be refused: one asks for 160 GB, one for another file."""
    import onnx
    from onnx import TensorProto, helper

    kind = TensorProto.FLOAT
    pictures = helper.make_tensor_value_info(PICTURES, kind, ["N", 3, SIZE, SIZE])
    scores = helper.make_tensor_value_info(SCORES, kind, ["N", CLASSES])
    side = helper.make_tensor("side", kind, [2], [200_000.0, 200_000.0])
    nodes = [
        helper.make_node("ReduceMax", [PICTURES], ["top"], keepdims=0),
        helper.make_node("Add", ["top", "side"], ["sides"]),
        helper.make_node("Cast", ["sides"], ["shape"], to=TensorProto.INT64),
        helper.make_node("ConstantOfShape", ["shape"], [SCORES]),
    ]
    opset = [helper.make_opsetid("", OPSET)]
    for student in TRAPS:
        graph = helper.make_graph(nodes, "trap", [pictures], [scores], [side])
        made = helper.make_model(graph, opset_imports=opset, ir_version=9)
        if student == OUTSIDE:
            made.graph.initializer[0].ClearField("float_data")
            made.graph.initializer[0].data_location = TensorProto.EXTERNAL
            entry = made.graph.initializer[0].external_data.add()
            entry.key, entry.value = "location", "/etc/passwd"
        onnx.save_model(made, str(_place(course, student) / MODEL))
