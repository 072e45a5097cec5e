"""Draw flora, and say how fast that is: the generator and the plain way in turn, pair by pair.

    python benchmarks/flora.py [--pairs 7] [--pictures 512] [--device cuda] [--json FILE]

Each pair draws the same number of pictures in both ways, one directly after the other, so that
other work on the machine slows both. Two rates are given: pictures a second by the clock and, on
the CPU, pictures a second of processor time, which other work changes little; also the load.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from flora_plain import draw_plainly
from recording import processor, write_facts

from helpers.challenge.flora import Difficulty, draw
from helpers.challenge.species import make_species

CLASSES = 100
PLAIN_BATCH = {"cpu": 256, "cuda": 2048}


def main() -> None:
    """Measure, print a table, and write the facts where they are asked for."""
    options = arguments()
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    species = make_species(range(CLASSES)).to(device)
    labels = torch.arange(options.pictures, device=device) % CLASSES
    generator = torch.Generator(device).manual_seed(0)

    def fast() -> None:
        draw(species, labels, seed=1, size=options.size)

    def plain() -> None:
        for part in labels.split(PLAIN_BATCH[device.type]):
            draw_plainly(species[part], options.size, Difficulty(), generator)

    load_before = os.getloadavg()[0]
    pairs = []
    for number in range(options.pairs + 1):
        pair = [seconds(work, device) for work in (fast, plain)]
        if number:  # the first warms up
            pairs.append(pair)
            fast_rate, plain_rate = (options.pictures / wall for wall, _ in pair)
            print(
                f"pair {number}: {fast_rate:7.0f} a second, plainly {plain_rate:7.0f}", flush=True
            )

    def rates(way: int, clock: int) -> dict[str, float]:
        every = [options.pictures / pair[way][clock] for pair in pairs]
        return {"median": statistics.median(every), "least": min(every), "most": max(every)}

    facts = {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else processor(),
        "load": [load_before, os.getloadavg()[0]],
        "size": options.size,
        "pictures": options.pictures,
        "images_per_second": rates(0, 0),
        "images_per_second_plain": rates(1, 0),
        "ratio": statistics.median(plain[0] / fast[0] for fast, plain in pairs),
    }
    if device.type == "cpu":
        facts["images_per_processor_second"] = rates(0, 1)
        facts["images_per_processor_second_plain"] = rates(1, 1)
        facts["ratio_of_processor_time"] = statistics.median(p[1] / f[1] for f, p in pairs)
    print(json.dumps(facts, indent=2))
    write_facts(options.json, facts)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7, help="how often both are measured")
    parser.add_argument("--pictures", type=int, default=512, help="pictures in each measurement")
    parser.add_argument("--size", type=int, default=64, help="side of a picture in pixels")
    parser.add_argument("--threads", type=int, default=1, help="threads of the CPU")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--json", type=Path, help="write the facts into this file")
    return parser.parse_args()


def seconds(work: Callable[[], None], device: torch.device) -> tuple[float, float]:
    """Run something; seconds by the clock and of this process."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    clock, process = time.perf_counter(), time.process_time()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - clock, time.process_time() - process


if __name__ == "__main__":
    main()
