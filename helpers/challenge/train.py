"""Train for the challenge from the shell, with the functions of your notebook.

python -m helpers.challenge.train --out runs/first
torchrun --nproc-per-node 4 -m helpers.challenge.train --out runs/large --data flora/large

Ctrl-C, or a cluster's signal before its time limit, stops the run after the present step and leaves
a checkpoint; the same line with --resume goes on, bit for bit as if it had never stopped.
"""

import argparse
import contextlib
import json
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from helpers.challenge.answers import TAKEN, read_answers
from helpers.challenge.errors import ChallengeError
from helpers.challenge.feeding import Pictures, flora_pictures, stored_pictures
from helpers.challenge.models import ARCHITECTURES
from helpers.challenge.run_log import LOG, read_log
from helpers.challenge.training import CHECKPOINT, MODEL, Recipe, Run, World, join_world

RECIPE = "recipe.json"
EXPORTED = "model.onnx"
STOPPED = 3  # exit code of a run that was asked to stop and can go on
INTERRUPTED = 130

_SIGNALS = ("SIGINT", "SIGTERM", "SIGUSR1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says.

    Args:
        arguments: of the command line; those of the process unless given.

    Returns:
        The exit code: 0 finished, 2 something is wrong, 3 stopped before the end, 130 interrupted
        while nothing was being trained.
    """
    options = read_options(arguments)
    world = World()
    try:
        world = join_world(options.device)
        return _train(options, world)
    except ChallengeError as error:
        if world.leads:
            print(f"{error.message}\n{error.cure}", file=sys.stderr)
        return 2
    except (
        NotImplementedError
    ) as error:  # what the student's functions raise until they are written
        if world.leads:
            print(f"{options.notebook}: {error}", file=sys.stderr)
            print("Write it, run its checks, and save the notebook.", file=sys.stderr)
        return 2
    except NameError as error:  # within a function of the notebook, as a rule
        if world.leads:
            traceback.print_exc()
            print(f"{options.notebook}: {error}.\n{TAKEN}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the first step or after the last one
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    Args:
        arguments: of the command line.

    Returns:
        The options.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.challenge.train",
        description="Train for the challenge with the functions of your notebook.",
        epilog="Several GPUs: torchrun --nproc-per-node N -m helpers.challenge.train …",
    )
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for log, checkpoint and model")
    add("--notebook", type=Path, default=Path("challenge.ipynb"), help="yours")
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    add("--tier", default="small", help="of the flora, drawn now (small)")
    add("--data", type=Path, help="a folder of `course challenge data`, in place of --tier")
    add("--fresh", action="store_true", help="draw new pictures of the species in every epoch")
    add("--test", type=int, default=2000, help="test pictures to watch the run with, at most")
    add("--device", choices=("cpu", "cuda"), help="a GPU where there is one, unless given")
    add("--stop-after", type=int, metavar="STEP", help="stop before this step, as by a signal")
    add("--quiet", action="store_true", help="no progress bar")
    known = ", ".join(ARCHITECTURES)
    texts = {
        "arch": f"network: {known}, or a function of your notebook",
        "pictures": "the budget: pictures seen, of all processes together",
        "batch": "pictures in a step, of all processes together",
        "rate": "largest learning rate",
        "decay": "weight decay",
        "warm_up": "share of the steps in which the rate rises",
        "smoothing": "of the labels",
        "mixup": "alpha of the mixing; 0 mixes nothing",
        "average": "decay of the moving average",
        "clip": "largest norm of the gradient",
        "parts": "pieces into which a batch is cut, to save memory",
        "workers": "processes that read pictures ahead; on a GPU, a few help",
        "seed": "of everything that chance decides",
    }
    defaults = Recipe()
    for name, text in texts.items():
        default = getattr(defaults, name)
        add(
            f"--{name.replace('_', '-')}",
            type=type(default),
            default=default,
            help=f"{text} ({default})",
        )
    add("--no-augment", dest="augment", action="store_false", help="pictures as they are")
    add(
        "--mixed",
        action=argparse.BooleanOptionalAction,
        help="bfloat16; on GPUs unless it is said",
    )
    add("--double", action="store_true", help="everything in float64, to compare runs")
    return parser.parse_args(arguments)


def _train(options: argparse.Namespace, world: World) -> int:
    answers = read_answers(options.notebook)
    if options.mixed is None:
        options.mixed = world.device.type == "cuda" and not options.double
    recipe = Recipe(**{field.name: getattr(options, field.name) for field in fields(Recipe)})
    pictures = _pictures(options)
    if options.double:
        torch.use_deterministic_algorithms(True, warn_only=True)
    run = _started(answers, recipe, pictures, options, world)
    bar = tqdm(
        total=recipe.steps,
        initial=run.step,
        unit="step",
        disable=options.quiet or not world.leads,
    )
    with bar, _listening(run):
        finished = run.train(stop_at=options.stop_after, progress=_shown(bar))
    if not world.leads:
        return 0 if finished else STOPPED
    if not finished:
        print(f"stopped at step {run.step}; go on with --resume ({options.out / CHECKPOINT})")
        return STOPPED
    print(_summary(run, options))
    return 0


def _started(
    answers: Any, recipe: Recipe, pictures: Pictures, options: argparse.Namespace, world: World
) -> Run:
    """Make the run, and write down its recipe."""
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ChallengeError(
            f"{options.out} cannot be a folder ({error.strerror})", "Name another one with --out."
        ) from None
    if options.resume:
        _hold_to_recipe(options.out / RECIPE, recipe)
    else:
        _spare_unfinished(options.out)
    run = Run(answers, recipe, pictures, options.out, world, resume=options.resume)
    if world.leads:
        text = json.dumps(asdict(recipe), indent=2)
        (options.out / RECIPE).write_text(text + "\n", encoding="utf-8")
    return run


def _hold_to_recipe(path: Path, recipe: Recipe) -> None:
    """Make sure that a run goes on by the recipe with which it was begun."""
    begun = _begun(path)
    for name, value in asdict(recipe).items():
        before = begun.get(name, value)
        if before != value:
            option = f"--{name.replace('_', '-')}"
            raise ChallengeError(
                f"the run in {path.parent} was begun with {name} = {before} ({option}), and this "
                f"line says {value}",
                "Add --resume to the line with which it was begun, and change nothing else.",
            )


def _spare_unfinished(out: Path) -> None:
    """Make sure that a run which can go on is not begun anew by a forgotten --resume."""
    begun, rows = _begun(out / RECIPE), read_log(out / LOG)
    if not (rows and begun.get("batch") and (out / CHECKPOINT).is_file()):
        return
    done, steps = int(rows[-1]["step"]), begun["pictures"] // begun["batch"]
    if done < steps:
        raise ChallengeError(
            f"{out} holds a run that came to step {done:,} of {steps:,}",
            "Add --resume to go on with it; or name another folder with --out, or delete this one.",
        )


def _begun(path: Path) -> dict[str, Any]:
    """Read the recipe with which a run was begun; nothing where there is none."""
    try:
        begun = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return begun if isinstance(begun, dict) else {}


def _pictures(options: argparse.Namespace) -> Pictures:
    if options.data is not None:
        return stored_pictures(options.data, test=options.test)
    return flora_pictures(options.tier, fresh=options.fresh, test=options.test)


@contextlib.contextmanager
def _listening(run: Run) -> Any:
    """Let signals stop the run after the present step."""

    def stop(*_: Any) -> None:
        run.stopping = True

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _shown(bar: Any) -> Any:
    kept: dict[str, str] = {}

    def show(row: dict[str, Any]) -> None:
        if "accuracy_average" in row:
            kept["average"] = f"{100 * row['accuracy_average']:.1f} %"
        bar.set_postfix(loss=f"{row['loss']:.3f}", **kept, refresh=False)
        bar.update()

    return show


def _summary(run: Run, options: argparse.Namespace) -> str:
    from helpers.challenge.export import export, share_right

    found, pictures = run.last, run.pictures
    path = export(run.average.model, options.out / EXPORTED, size=pictures.size)
    right = share_right(path, pictures.test_images, pictures.test_labels)
    return (
        f"with your `predict` {found.get('accuracy_average', 0):.1%} of the test pictures right "
        f"(the average; the model itself {found.get('accuracy', 0):.1%})\n"
        f"{options.out / MODEL}, {options.out / LOG}\n"
        f"{path}: this is what you hand in, the network without `predict`: {right:.1%}"
    )


if __name__ == "__main__":
    sys.exit(main())
