"""Trains a recipe for the challenge over several seeds and measures it on pictures never seen.

    python benchmarks/challenge_baselines.py --recipe notebook --seeds 3 --json FILE
    python benchmarks/challenge_baselines.py --recipe excellent --pictures 5000   # a quick try

The thresholds of the challenge rest on these numbers. All recipes have the same budget of pictures
seen; `plain_cnn_fresh` and `excellent` draw new ones in every epoch. The measurement is on 100
pictures of each species, drawn for this purpose with a seed of their own; not on the hidden test,
which no experiment may look at.

Recipes: `linear` on the pixels; `plain_cnn` and `residual`, which see pictures as they are;
`plain_cnn_augmented`, the notebook's recipe on the plain net, and `plain_cnn_fresh`, the same with
pictures drawn anew in every epoch; `notebook`, what the notebook puts together; `excellent`, that
of benchmarks/challenge/. Each accuracy is given three times: of the averaged network alone, with
its mirror image (the notebook's `predict`), and over all eight orientations. Time is given by the
clock and as processor time of all threads, which other programs disturb less.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from recording import write_facts
from torch import Tensor, nn
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.challenge import excellent  # noqa: E402
from helpers.challenge.answers import read_answers  # noqa: E402
from helpers.challenge.feeding import flora_pictures  # noqa: E402
from helpers.challenge.tiers import TIERS, FloraSource  # noqa: E402
from helpers.challenge.training import Recipe, Run, World  # noqa: E402

NOTEBOOK = ROOT / "solutions/challenge/challenge.ipynb"
UNSEEN_SEED = 271_828_182_845  # of no tier and of no hidden test
BARE = {"augment": False, "smoothing": 0.0}


@dataclass(frozen=True)
class Baseline:
    """A recipe to be measured.

    Args:
        recipe: its numbers.
        fresh: new pictures in every epoch.
        network: makes the network, where it is none of `helpers.challenge.models`.
    """

    recipe: Recipe
    fresh: bool = False
    network: Callable[[int], nn.Module] | None = None


BASELINES = {
    "linear": Baseline(Recipe(arch="linear", rate=1e-3, **BARE)),
    "plain_cnn": Baseline(Recipe(arch="plain", **BARE)),
    "plain_cnn_augmented": Baseline(Recipe(arch="plain")),
    "plain_cnn_fresh": Baseline(Recipe(arch="plain"), fresh=True),
    "residual": Baseline(Recipe(**BARE)),
    "notebook": Baseline(Recipe()),
    "excellent": Baseline(excellent.RECIPE, excellent.FRESH, excellent.network),
}


def measure(
    name: str, seed: int, unseen: tuple[Tensor, Tensor], options: argparse.Namespace
) -> dict[str, Any]:
    """Train once and measure.

    Args:
        name: a name of `BASELINES`.
        seed: of the run.
        unseen: pictures and labels to measure on.
        options: of the command line.

    Returns:
        Seconds of training, and accuracies between 0 and 1.
    """
    baseline = BASELINES[name]
    recipe = replace(baseline.recipe, seed=seed)
    if options.pictures:
        recipe = replace(recipe, pictures=options.pictures)
    answers = read_answers(NOTEBOOK)
    if baseline.network is not None:
        answers.own_network = baseline.network  # type: ignore[attr-defined]
        recipe = replace(recipe, arch="own_network")
    device = torch.device(options.device)
    recipe = replace(recipe, mixed=device.type == "cuda")
    pictures = flora_pictures(options.tier, fresh=baseline.fresh, test=500)
    before, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(answers, recipe, pictures, Path(folder), World(device=device))
        with tqdm(total=recipe.steps, desc=f"{name}, seed {seed}", unit="step") as bar:
            run.train(progress=lambda row: bar.update())
    seconds, processor = time.perf_counter() - before, time.process_time() - worked
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "parameters": sum(p.numel() for p in run.network.parameters()),
        **accuracies(run.average.model, answers, unseen, device),
    }


@torch.no_grad()
def accuracies(
    model: nn.Module, answers: ModuleType, unseen: tuple[Tensor, Tensor], device: torch.device
) -> dict[str, float]:
    """Measure a network in three ways.

    Args:
        model: gives scores.
        answers: with `predict`.
        unseen: pictures and labels.
        device: where to compute.

    Returns:
        Accuracies between 0 and 1.
    """
    images, labels = unseen[0].to(device), unseen[1].to(device)
    ways: dict[str, Callable[[Tensor], Tensor]] = {
        "accuracy": model,
        "accuracy_mirrored": lambda part: answers.predict(model, part),
        "accuracy_eight_views": excellent.EightViews(model).to(device).eval(),
    }
    found = {}
    for name, way in ways.items():
        best = torch.cat([way(part).argmax(1) for part in images.split(250)])
        found[name] = (best == labels).double().mean().item()
    return found


def main() -> int:
    """Measure what the command line asks for, print a table, write the facts.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipe", choices=[*BASELINES, "all"], default="all")
    parser.add_argument("--seeds", type=int, default=3, help="how many runs of each (3)")
    parser.add_argument("--pictures", type=int, help="a smaller budget, for a quick try")
    parser.add_argument("--tier", choices=[*TIERS], default="small")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", type=Path, help="write the facts there")
    options = parser.parse_args()
    tier = TIERS[options.tier]
    source = FloraSource(tier.classes, 100, UNSEEN_SEED, tier.size)
    images, labels = source.pictures(0, len(source))
    unseen = torch.from_numpy(images), torch.tensor(labels)
    names = [*BASELINES] if options.recipe == "all" else [options.recipe]
    results = []
    for name in names:
        runs = [measure(name, seed, unseen, options) for seed in range(options.seeds)]
        budget = options.pictures or BASELINES[name].recipe.pictures
        results.append(
            {
                "recipe": name,
                "pictures": budget,
                "fresh": BASELINES[name].fresh,
                "settings": asdict(BASELINES[name].recipe),
                "runs": runs,
            }
        )
        print(line(name, runs))
        gpu = torch.cuda.get_device_name() if options.device == "cuda" else None
        write_facts(options.json, {"gpu": gpu, "results": results})  # it may be stopped
    return 0


def line(name: str, runs: list[dict[str, Any]]) -> str:
    """Give a recipe's line of the table: mean and spread in percent, and processor seconds."""
    parts = []
    for way in ("accuracy", "accuracy_mirrored", "accuracy_eight_views"):
        values = [100 * run[way] for run in runs]
        spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
        parts.append(f"{statistics.mean(values):5.1f}{spread}")
    seconds = statistics.mean(run["processor_seconds"] for run in runs)
    shown = "   ".join(parts)
    return f"{name:<20} {shown}   {seconds:6.0f} s of a core   {runs[0]['parameters']:,} parameters"


if __name__ == "__main__":
    sys.exit(main())
