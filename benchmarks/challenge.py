"""How fast does the challenge train? The course's pipeline against the fastest and the usual one.

    python benchmarks/challenge.py --json FILE                  # on a GPU if there is one
    python benchmarks/challenge.py --train large --json FILE    # the large tier within minutes
    python benchmarks/challenge.py --peer airbench --json FILE  # against airbench, on a GPU

One run measures all variants in turn, over several rounds, so that drift of the machine hits all
alike; given are the median and the spread. Nets: torchvision's ResNet-18 for 64 × 64 (stem 5 × 5
with stride 2, no pooling) and ResNet-50 for 128 × 128 (as it is), in bfloat16; on a CPU the
notebook's small one.

- ceiling: the notebook's `train_step` on one batch that lies on the device; ceiling_bare: the same
  step without its two questions to the GPU, after which the CPU waits
- shards, resident: the same with the course's pipeline, from shards through memory maps and from a
  tensor on the device, with the notebook's augmentation; on_the_fly: from pictures drawn on the
  device as they are needed
- usual: DataLoader's workers, torchvision's transforms picture by picture
- model FLOP utilisation against the measured rate of a matrix product, and the roofline

Each of the three commands is meant to end within ten minutes on an H200; none has run on one yet.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import recording  # noqa: E402
from benchmarks.challenge import large, nets, peer, rates, timing  # noqa: E402
from helpers.challenge.answers import read_answers  # noqa: E402
from helpers.challenge.errors import ChallengeError  # noqa: E402
from helpers.challenge.tiers import TIERS, Tier  # noqa: E402

NOTEBOOK = ROOT / "solutions/challenge/challenge.ipynb"
SMALL = "There is no GPU here: everything is small, and says nothing about a GPU."
_TINY = Tier("large, cut down for a CPU", 10, 100, 20, 32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for, print it, write the facts.

    Args:
        arguments: of the command line; those of the process unless given.

    Returns:
        The exit code: 0, or 2 if something is wrong.
    """
    options = read_options(arguments)
    try:
        device = timing.the_device(options.device)
        if options.threads:
            torch.set_num_threads(options.threads)
        if device.type == "cpu":
            print(SMALL, flush=True)
        torch.backends.cudnn.benchmark = True  # all batches have one size
        answers = read_answers(NOTEBOOK)
        facts = machine(device) | {"small": device.type == "cpu"}
        facts |= _part(options)(options, answers, device)
    except ChallengeError as error:
        print(f"{error.message}\n{error.cure}", file=sys.stderr)
        return 2
    facts["load_after"] = os.getloadavg()[0]
    recording.write_facts(options.json, facts)
    return 0


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    Args:
        arguments: of the command line.

    Returns:
        The options.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--train", choices=("large",), help="train on this tier instead")
    part.add_argument("--peer", choices=("airbench",), help="compare with it instead")
    add("--device", choices=("cpu", "cuda"), help="a GPU where there is one, unless given")
    every = [name for cases in rates.CASES.values() for name in cases]
    add("--net", choices=every, help="only this one")
    add("--rounds", type=_positive, default=5, help="how often each variant has its turn (5)")
    add("--steps", type=_positive, help="training steps in a turn (100; on a CPU 8)")
    add("--batch", type=_positive, help="pictures in a step")
    add("--pictures", type=_positive, help="pictures in the set")
    add("--workers", type=int, help="processes that read (on a GPU up to 12; on a CPU none)")
    add("--threads", type=_positive, help="threads of the CPU in this process")
    add("--compile", action="store_true", help="let torch.compile make kernels for the nets")
    add("--folder", type=Path, help="where shards are written for the time being")
    add("--minutes", type=float, default=8.0, help="of --train, all in all (8)")
    add("--target", type=float, default=80.0, help="percent that --train is to reach (80)")
    add("--seeds", type=_positive, default=3, help="runs of --peer with each loader (3)")
    add("--epochs", type=float, default=9.9, help="of each run of --peer (9.9)")
    add("--json", type=lambda path: Path(path).absolute(), help="write the facts there")
    options = parser.parse_args(arguments)
    if options.workers is not None and options.workers < 0:
        parser.error("--workers counts processes: 0 or more")
    if options.minutes <= 0 or options.epochs <= 0:
        parser.error("--minutes and --epochs are more than 0")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _part(
    options: argparse.Namespace,
) -> Callable[[argparse.Namespace, ModuleType, torch.device], dict[str, Any]]:
    if options.train:
        return train_large
    return compare_with_peer if options.peer else measure_rates


def measure_rates(
    options: argparse.Namespace, answers: ModuleType, device: torch.device
) -> dict[str, Any]:
    """Measure all variants of all nets of a device.

    Args:
        options: of the command line.
        answers: with the notebook's functions.
        device: where.

    Returns:
        The facts.

    Raises:
        ChallengeError: the net asked for is timed on another device.
    """
    cases = dict(rates.CASES[device.type])
    if options.net:
        if options.net not in cases:
            raise ChallengeError(
                f"{options.net} is not timed on {device.type}", f"There: {', '.join(cases)}."
            )
        cases = {options.net: cases[options.net]}
    cuda = device.type == "cuda"
    plan = rates.Plan(
        device,
        options.rounds,
        options.steps or (100 if cuda else 8),
        rates.default_workers(device) if options.workers is None else options.workers,
        options.compile,
        mixed=cuda,  # on most CPUs bfloat16 is slower than float32
    )
    found = {}
    for name, case in cases.items():
        case = replace(
            case,
            batch=options.batch or case.batch,
            pictures=options.pictures or case.pictures,
        )
        rates.check_room(plan.workers, case)
        with (
            tempfile.TemporaryDirectory(dir=options.folder) as folder,
            tqdm(total=plan.rounds * 10, desc=name, unit="turn") as bar,
        ):
            bar.write("drawing pictures and writing shards", file=sys.stderr)
            found[name] = rates.measure(case, plan, answers, Path(folder) / "shards", _shown(bar))
            bar.update()
        _print_rates(name, found[name])
        if cuda:
            torch.cuda.empty_cache()
    first = next(iter(found.values()))
    fractions = {
        way: min(each["fraction_of_ceiling"][way]["median"] for each in found.values())
        for way in ("shards", "resident")
    }
    return {
        "pipeline_fraction": fractions["shards"],
        "pipeline_fraction_resident": fractions["resident"],
        "images_per_second": first["images_per_second"]["shards"]["median"],
        "model_flop_utilisation": first["model_flop_utilisation"]["shards"],
        "number": "bfloat16" if plan.mixed else "float32",
        "compiled": plan.compiled,
        "workers": plan.workers,
        "readers": plan.readers,
        "rounds": plan.rounds,
        "steps": plan.steps,
        "nets": found,
    }


def _shown(bar: Any) -> Callable[[str], None]:
    def show(name: str) -> None:
        bar.update(bool(bar.postfix))
        bar.set_postfix_str(name)

    return show


def _print_rates(name: str, facts: dict[str, Any]) -> None:
    print(f"\n{name}, {facts['size']} × {facts['size']}, batch {facts['batch']}")
    shares, used = facts["fraction_of_ceiling"], facts["model_flop_utilisation"]
    for way, rate in facts["images_per_second"].items():
        share = shares[way]["median"] if way in shares else 1.0
        print(
            f"  {way:<14} {rate['median']:10,.0f} a second ({rate['least']:,.0f} to "
            f"{rate['most']:,.0f})   {share:6.1%} of the ceiling   utilisation {used[way]:.1%}"
        )
    peak = facts["matrix_product_flop_per_second"]["median"]
    moved = facts["memory_bytes_per_second"]["median"]
    bound = facts["roofline"]
    alone = {name: facts[f"{name}_images_per_second"] for name in ("shards_alone", "generator")}
    print(
        f"  without training: reading shards {alone['shards_alone']['median']:,.0f} a second, "
        f"drawing {alone['generator']['median']:,.0f}"
    )
    print(f"  matrix product {peak / 1e12:,.2f} TFLOP/s, memory {moved / 1e9:,.0f} GB/s")
    print(
        f"  roofline: products alone {bound['images_per_second_products']:,.0f} a second, layer by "
        f"layer {bound['images_per_second_all_layers']:,.0f}; the ceiling is at "
        f"{facts['fraction_of_roofline']['all_layers']:.1%} of the latter",
        flush=True,
    )


def train_large(
    options: argparse.Namespace, answers: ModuleType, device: torch.device
) -> dict[str, Any]:
    """Train on the large tier; on a CPU on a small part of it.

    Args:
        options: of the command line.
        answers: with the notebook's functions.
        device: where.

    Returns:
        The facts.
    """
    cuda = device.type == "cuda"
    attempt = large.Attempt(
        TIERS["large"] if cuda else _TINY,
        nets.resnet18 if cuda else nets.small,
        options.minutes,
        options.target / 100,
        options.batch or (1024 if cuda else 50),
        trial=options.steps or (30 if cuda else 3),
        mixed=cuda,
        compiled=options.compile,
    )
    facts = large.train(attempt, answers, device, lambda row: print(row, flush=True))
    reached = "reached" if facts["reached"] else "not reached"
    print(
        f"{facts['accuracy']:.1%} of {facts['test_pictures']:,} new pictures of "
        f"{facts['classes']:,} classes right after {facts['seconds']:.0f} s and "
        f"{facts['pictures_seen']:,} pictures; {options.target:g} % {reached}"
    )
    return {"train": facts}


def compare_with_peer(
    options: argparse.Namespace, answers: ModuleType, device: torch.device
) -> dict[str, Any]:
    """Compare with airbench.

    Args:
        options: of the command line.
        answers: with the notebook's functions.
        device: a GPU.

    Returns:
        The facts.
    """
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        facts = peer.compare(
            Path(folder), answers, device, seeds=options.seeds, epochs=options.epochs
        )
    for name in ("theirs", "ours"):
        rate, right = facts[name]["images_per_second"], facts[name]["accuracy_averaged"]
        print(
            f"{name:<8} {rate['median']:,.0f} a second ({rate['least']:,.0f} to "
            f"{rate['most']:,.0f}), {right['median']:.1%} right"
        )
    return {"peer": facts}


def machine(device: torch.device) -> dict[str, Any]:
    """Say on which device the facts are measured.

    Args:
        device: where training runs.

    Returns:
        The facts.
    """
    cuda = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if cuda else recording.processor(),
        "load_before": os.getloadavg()[0],
        "cuda": torch.version.cuda if cuda else None,
        "cudnn": torch.backends.cudnn.version() if cuda else None,
    }


if __name__ == "__main__":
    sys.exit(main())
