"""The benchmark of the flora runs, and what it compares with draws the same kind of pictures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from helpers.challenge.flora import Difficulty, draw
from helpers.challenge.species import make_species

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def test_it_writes_its_facts(tmp_path: Path) -> None:
    program = [sys.executable, str(BENCHMARKS / "flora.py"), "--pairs", "2", "--pictures", "64"]
    options = ["--size", "16", "--json", str(tmp_path / "facts.json")]
    subprocess.run([*program, *options], capture_output=True, text=True, check=True)
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["images_per_second"]["median"] > 0
    assert facts["images_per_processor_second_plain"]["median"] > 0
    assert facts["ratio"] > 0
    assert facts["device"]


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_plain_way_draws_the_same_kind_of_pictures(noise: float, monkeypatch: Any) -> None:
    """Colour, contrast, roughness and place of the same classes agree on average."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from flora_plain import draw_plainly

    settings = Difficulty(noise=noise)
    species, labels = make_species(range(20)), torch.arange(400) % 20
    fast = draw(species, labels, seed=1, difficulty=settings).float()
    generator = torch.Generator().manual_seed(1)
    plain = draw_plainly(species[labels], 64, settings, generator).float()

    def traits(images: torch.Tensor) -> torch.Tensor:
        centre, rim = images[..., 16:48, 16:48], images[..., :4]
        rough = (images[..., 1:] - images[..., :-1]).abs().mean()
        spread = images.std((2, 3)).mean()
        busy = centre.std((2, 3)).mean() / rim.std((2, 3)).mean()
        return torch.stack([images.mean(), rough, spread, busy])

    ratio = traits(fast) / traits(plain)
    assert ((ratio - 1).abs() < 0.06).all(), ratio
