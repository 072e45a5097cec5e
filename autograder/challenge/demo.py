"""The challenge from end to end in a few minutes: pictures, training, export, scores, board.

In a folder of its own, with a hidden set of its own and five participants: one who trains a
residual net for about a minute, one who trains a linear one, one who guesses, and two whose files
are traps. Nothing of the real course is touched.
"""

import shlex
import shutil
import subprocess
import sys
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
from autograder.scratch import make_private
from autograder.submissions import SUBMITTED
from autograder.wall import Sandbox
from helpers.challenge.export import OPSET, PICTURES, SCORES, export
from helpers.challenge.shard_making import make_shards
from helpers.challenge.tiers import FloraSource, Tier, tier_sources

CLASSES, SIZE = 10, 64
PER_CLASS, TEST_PER_CLASS, HIDDEN_PER_CLASS = 500, 20, 50
DATA, RUN = "pictures", "run"
BATCH = 100
LINEAR_PICTURES, LINEAR_EPOCHS = 2000, 2
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
        seconds: how long each part took.
    """

    course: Course
    board: Path
    results: dict[str, Path]
    events: dict[str, Event]
    rows: list[Standing]
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
        if learnt is not None and learnt.accuracy_interval[0] <= CHANCE:
            sentences.append(f"the residual net learnt nothing ({learnt.accuracy:.0%})")
        if guessed is not None and guessed.accuracy > 2 * CHANCE:
            sentences.append(f"guessing reached {guessed.accuracy:.0%}")
        return sentences


def run_demo(
    root: Path,
    target: Path,
    *,
    pictures: int,
    sandbox: Sandbox,
    say: Say = lambda what, took: None,
) -> Outcome:
    """Run all of the challenge once.

    Args:
        root: the course's folder, with the solution of the challenge in it.
        target: the demo's folder; an earlier demo there is replaced.
        pictures: how many the residual net sees in training, repeats counted.
        sandbox: "none" for limits only; else the best wall that this machine has.
        say: is told each part that is done, and how long it took.

    Returns:
        What came of it.

    Raises:
        CourseError: the folder holds something else, the solution is not built, or there is no
            wall on this machine.
    """
    target = target.resolve()
    course = _make_stage(target)
    watch = _Watch(say)
    sources = tier_sources(Tier("demo", CLASSES, PER_CLASS, TEST_PER_CLASS, SIZE))
    made = make_shards(sources, target / DATA, workers=2)
    watch.done("pictures", f"{made.pictures:,} pictures of {CLASSES} classes drawn to train with")
    hidden = draw_hidden_set(course)
    number = len(hidden.halves["public"].labels)
    watch.done("hidden", f"a hidden set drawn, {number} public and {number} private pictures")
    torch.manual_seed(0)
    export(_train_linear(sources["train"]), _place(course, LINEAR) / MODEL, size=SIZE)
    watch.done("linear", "a linear net trained and exported")
    _train_residual(root, target / DATA, target / RUN, pictures)
    shutil.copyfile(target / RUN / MODEL, _place(course, RESIDUAL) / MODEL)
    watch.done("training", f"a residual net trained and exported; it saw {pictures:,} pictures")
    guesses = np.random.default_rng(0).integers(CLASSES, size=number)
    np.savez(_place(course, GUESSER) / PREDICTIONS, predictions=guesses)
    _write_traps(course)
    events = score_class(course, sandbox=sandbox)
    results = {event.student: write_result(course, event) for event in events}
    watch.done("score", f"{len(events)} submissions scored behind the wall")
    rows = standings(read_journal(course, hidden.name), course.challenge, pseudonym_key(course))
    board = write_board(course, rows)
    watch.done("board", "the board written")
    by_name = {event.student: event for event in events}
    return Outcome(course, board, results, by_name, rows, watch.seconds)


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
    if target.exists() and any(target.iterdir()):
        if not (target / MARK).is_file():
            raise CourseError(
                f"{target} is not empty and was not made by `course challenge demo`.",
                "Give a new folder by --target.",
            )
        shutil.rmtree(target)
    make_private(target)
    (target / MARK).write_text("This folder is replaced whenever `course challenge demo` runs.\n")
    (target / "course.toml").write_text(
        "# Made by `course challenge demo`.\n"
        'title = "The challenge in small"\ngradebook = "private"\n\n[challenge]\n'
        f"classes = {CLASSES}\nsize = {SIZE}\nladder_step = 1.0\n"
        f"public_per_class = {HIDDEN_PER_CLASS}\nprivate_per_class = {HIDDEN_PER_CLASS}\n"
    )
    return load_course(target)


def _place(course: Course, student: str) -> Path:
    return make_private(course.private / SUBMITTED / student / course.challenge.folder)


class _Scaled(nn.Module):
    """Turn bytes into numbers from −1 to 1."""

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.float() / 127.5 - 1


def _train_linear(source: FloraSource) -> nn.Module:
    """Train a linear net for a moment; it learns next to nothing, whatever is done with it."""
    images, labels = (torch.tensor(array) for array in source.pictures(0, LINEAR_PICTURES))
    model = nn.Sequential(_Scaled(), nn.Flatten(), nn.Linear(3 * SIZE * SIZE, CLASSES))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(LINEAR_EPOCHS):
        for batch, right in zip(images.split(BATCH), labels.split(BATCH), strict=True):
            loss = functional.cross_entropy(model(batch), right)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


def _train_residual(root: Path, data: Path, out: Path, pictures: int) -> None:
    """Run the training script with the solution's functions, as a student does with their own."""
    notebook = root / "solutions" / "challenge" / "challenge.ipynb"
    if not notebook.is_file():
        raise CourseError(
            f"{notebook} is missing: the demo trains with its functions.",
            "Run `course build challenge` first.",
        )
    line = [sys.executable, "-m", "helpers.challenge.train", "--notebook", str(notebook)]
    line += ["--data", str(data), "--out", str(out), "--pictures", str(pictures)]
    line += ["--device", "cpu", "--quiet"]
    run = subprocess.run(line, cwd=root, capture_output=True, text=True, check=False)
    if run.returncode:
        said = (run.stderr or run.stdout).strip().splitlines()
        raise CourseError(
            f"The training script ended early ({said[-1] if said else run.returncode}).",
            f"Run it by hand: {shlex.join(line)}",
        )


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
