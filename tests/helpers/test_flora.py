"""The pictures of the challenge: fixed by their seeds, and by nothing else."""

import hashlib
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.challenge.flora import DIFFICULTIES, Difficulty, draw, make_set
from helpers.challenge.species import LEVELS, MAPS, make_species, walk

ROOT = Path(__file__).resolve().parents[2]

# Made once; they change only if the challenge's classes or pictures change. The pictures are those
# of CPUs with AVX2 or AVX-512: others draw normal numbers in another order.
GOLDEN_MAPS = torch.tensor(
    [
        [8791, -2057, 6530, 4550, -10000, 10000, -1345, 8009],
        [2091, -1552, 3280, 2477, -10000, 10000, 4375, -4314],
        [-25476, -22597, 3911, 1457, 10000, 10000, 2147, 6210],
    ]
)
GOLDEN_PICTURES = "a3d5ecc01fb3d76c"


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_a_class_depends_on_the_seed_and_its_number_alone() -> None:
    torch.manual_seed(1)
    family = make_species(range(12))
    torch.manual_seed(2)
    assert torch.equal(make_species([7, 3]), family[[7, 3]])
    assert not torch.equal(make_species([3], class_seed=5)[0], family[3])


def test_species_are_contractions_of_two_to_eight_maps() -> None:
    species = make_species(range(200))
    used = species[..., 2] > 0
    assert species.shape == (200, 8, 8)
    assert set(used.sum(1).tolist()) == set(range(2, 9))
    assert float(species[..., 2:4].max()) < 0.92
    assert (species[..., 2] >= species[..., 3]).all()
    count = used.sum(1)
    total = (species[..., 2] + 2 * species[..., 3]).sum(1)
    assert ((total >= (5 + count) / 2 - 1e-5) & (total <= (6 + count) / 2 + 1e-5)).all()


def test_complex_coefficients_are_the_matrices() -> None:
    """One walker is followed by matrices, as the docstring of `make_species` writes them."""
    species = make_species([4]).double()
    levels = torch.from_numpy(np.random.default_rng(1).integers(0, LEVELS, (30, 1, 5)))
    points, maps = walk(species, levels.int())

    def rotation(angle: float) -> np.ndarray:
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    at = np.zeros((5, 2))
    for step in range(30):
        for walker in range(5):
            row = species[0, int(maps[step, 0, walker])].numpy()
            matrix = rotation(row[0]) @ np.diag(row[2:4]) @ rotation(row[1]) @ np.diag(row[4:6])
            at[walker] = matrix @ at[walker] + row[6:8]
        reached = torch.view_as_real(points[step, 0]).numpy()
        np.testing.assert_allclose(reached, at, atol=1e-12)


def test_maps_are_chosen_by_their_area() -> None:
    species = make_species([0, 5, 9])
    every_level = torch.arange(LEVELS, dtype=torch.int32).view(1, 1, -1)
    _, maps = walk(species, every_level)
    for number, system in enumerate(species):
        area = (system[:, 2] * system[:, 3]).clamp(min=1e-3) * (system[:, 2] > 0)
        share = torch.bincount(maps[0, number].long() - MAPS * number, minlength=MAPS) / LEVELS
        assert (share - area / area.sum()).abs().max() <= 1 / LEVELS


def test_a_set_is_ordered_class_by_class() -> None:
    images, labels = make_set([30, 2, 11], 5, seed=3)
    assert images.shape == (15, 3, 64, 64)
    assert images.dtype == torch.uint8
    assert labels.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert labels.dtype == torch.int64
    assert torch.equal(images, draw(make_species([30, 2, 11]), labels, seed=3))


def test_seeds_of_any_length_count_and_nothing_else_does() -> None:
    species, labels = make_species(range(3)), torch.arange(40) % 3
    first = draw(species, labels, seed=7)
    state = torch.get_rng_state()
    assert torch.equal(draw(species, labels, seed=7), first)
    assert torch.equal(torch.get_rng_state(), state)
    other = [draw(species, labels, seed=seed) for seed in (8, 7 + 2**64, 7 + 2**127)]
    assert not any(torch.equal(one, first) for one in other)
    assert not torch.equal(first[:8], first[32:])  # each batch has its own numbers


def test_a_set_is_drawn_in_parts() -> None:
    species, labels = make_species(range(3)), torch.arange(70) % 3
    whole = draw(species, labels, seed=7, size=16)
    assert torch.equal(draw(species, labels[64:], seed=7, size=16, first=64), whole[64:])
    with pytest.raises(ValueError, match="multiple of 32"):
        draw(species, labels[40:], seed=7, size=16, first=40)


@pytest.mark.parametrize("size", [28, 64, 100])
def test_the_count_of_threads_changes_no_bit(threads: None, size: int) -> None:
    species, labels = make_species(range(20)), torch.arange(70) % 20
    drawn = []
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        drawn.append(draw(species, labels, seed=11, size=size, difficulty="H"))
    assert torch.equal(drawn[0], drawn[1])
    assert torch.equal(drawn[0], drawn[2])


def test_golden_sample() -> None:
    species = make_species([0, 19, 999])
    images, _ = make_set([0, 19, 999], 30, seed=2026)
    assert torch.equal((10_000 * species[:, 0]).round().long(), GOLDEN_MAPS)
    assert hashlib.sha256(images.numpy().tobytes()).hexdigest()[:16] == GOLDEN_PICTURES


def test_golden_sample_with_older_vector_units() -> None:
    """On a CPU that has AVX2 and no AVX-512 the same numbers come out."""
    program = (
        "import hashlib; from helpers.challenge.flora import make_set;"
        "images, _ = make_set([0, 19, 999], 30, seed=2026);"
        "print(hashlib.sha256(images.numpy().tobytes()).hexdigest()[:16])"
    )
    environment = os.environ | {"ATEN_CPU_CAPABILITY": "avx2", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == GOLDEN_PICTURES


def test_the_plant_stands_off_from_the_ground() -> None:
    """Without jitter, noise and rectangles a species always covers about the same share."""
    calm = Difficulty(
        angle=0, scale=0, offset=0, turn=0, zoom=(1, 1), shift=0, hidden=0, noise=0, ground=0
    )
    images = draw(make_species([6]), torch.zeros(20, dtype=torch.int64), seed=1, difficulty=calm)
    corner = images[:, :, :1, :1]
    apart = (images.int() - corner.int()).abs().amin(1) > 0.27 * 255 * 0.3
    cover = apart.float().mean((1, 2))
    assert 0.05 < float(cover.min()) <= float(cover.max()) < 0.5
    # mirrored or not, there are two shapes and no more (up to single points at the rim)
    shapes = apart.float().flatten(1)
    alike = (shapes @ shapes.T) / shapes.sum(1)
    assert float(alike.amin(1).max()) < 0.8 < float(alike.sort(1).values[:, -4].min())


@pytest.mark.parametrize("size", [8, 33, 128])
def test_any_size(size: int) -> None:
    images, _ = make_set([1, 2], 2, seed=0, size=size, difficulty="E")
    assert images.shape == (4, 3, size, size)
    assert float(images.float().std()) > 10


def test_an_empty_set() -> None:
    images, labels = make_set([1], 0, seed=0)
    assert images.shape == (0, 3, 64, 64)
    assert labels.shape == (0,)


def test_difficulties_are_ordered() -> None:
    easy, medium, hard = (DIFFICULTIES[name] for name in "EMH")
    for name in ("angle", "scale", "offset", "noise", "hidden"):
        assert getattr(easy, name) < getattr(medium, name) < getattr(hard, name)
    assert easy.contrast > medium.contrast > hard.contrast


@pytest.mark.parametrize(
    "wrong",
    [
        {"noise": -0.1},
        {"noise": math.nan},
        {"angle": math.inf},
        {"zoom": (1.2, 0.8)},
        {"zoom": (0.0, 1.0)},
        {"zoom": (1.0,)},
        {"hidden": 1.5},
        {"hidden_side": 1.1},
        {"contrast": 2.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Difficulty(**wrong)


def test_wrong_arguments_are_named() -> None:
    species = make_species([0, 1])
    labels = torch.tensor([0, 1])
    with pytest.raises(ValueError, match="there are E, M, H"):
        draw(species, labels, seed=0, difficulty="X")
    with pytest.raises(ValueError, match="labels run from 0 to 1"):
        draw(species, labels + 1, seed=0)
    with pytest.raises(ValueError, match="labels run from 0 to 1"):
        draw(species, labels - 1, seed=0)
    with pytest.raises(ValueError, match="8 × 8"):
        draw(species, labels, seed=0, size=4)
    with pytest.raises(ValueError, match="from 0 on"):
        make_species([-1])


@pytest.mark.parametrize("device", ["cpu"] + ["cuda"] * torch.cuda.is_available())
def test_every_device_draws_the_same_classes(device: str) -> None:
    images, labels = make_set(range(5), 40, seed=1, device=device)
    again, _ = make_set(range(5), 40, seed=1, device=device)
    assert torch.equal(images, again)
    assert images.device.type == labels.device.type == device
    on_cpu, _ = make_set(range(5), 40, seed=2)
    assert abs(float(images.float().mean()) - float(on_cpu.float().mean())) < 10
