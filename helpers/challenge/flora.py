"""Fractal flora: pictures drawn from formulas, as many as you want, of as many classes as you want.

A class (a *species*) is an iterated function system: 2 to 8 affine maps of the plane. Whoever
starts anywhere and applies one of the maps, drawn by chance, again and again (the "chaos game")
walks about the system's attractor: a fern, a snowflake, a pressed plant. Every picture is a new
drawing of it: coefficients a little off, any rotation, mirrored or not, of another size, at another
place, in colours that say nothing about the species, before a smooth ground, partly hidden, noisy.

    images, labels = make_set(range(20), 500, seed=1)

Class k depends on the class seed and k alone, so the classes 0 to 19 of any set are the same
twenty. A set depends on its arguments and its seed alone.

Sources: H. Kataoka et al., "Pre-training without natural images", ACCV 2020 (formula-driven
classes); C. Anderson and R. Farrell, "Improving fractal pre-training", WACV 2022, section 3 (maps
by their singular values, and the range for their sum); M. Barnsley, "Fractals everywhere",
Academic Press 1988 (the chaos game).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

CLASS_SEED = 2026
"""The class seed of the challenge. It is public: the pictures' seeds are not."""

MAPS = 8
"""Most affine maps that one species has."""

_FILL = (0.10, 0.45)  # share of a 32 × 32 grid that a species must touch
_GRID = 32
_LARGEST_SCALE = 0.92
_BATCH = 64  # pictures drawn at once: part of what a seed means, so it never changes


@dataclass(frozen=True)
class Difficulty:
    """How far two pictures of one species may differ. Lengths are shares of half a picture's side.

    Args:
        angle: standard deviation of the maps' angles, in radians.
        scale: standard deviation of the maps' singular values, relative.
        offset: standard deviation of the maps' shifts.
        turn: the whole plant turns by up to this many degrees, either way.
        zoom: smallest and largest size of the plant.
        shift: the plant moves by up to this much in x and y.
        hidden: how many rectangles may hide a part of the picture.
        hidden_side: longest side of such a rectangle, as a share of the picture's side.
        noise: standard deviation of the noise on each pixel (colours run from 0 to 1).
        ground: how strongly the ground's colour varies.
        contrast: least difference of colour between plant and ground, in every channel.
        shades: how strongly the shades of one plant differ.
    """

    angle: float = 0.10
    scale: float = 0.05
    offset: float = 0.05
    turn: float = 180.0
    zoom: tuple[float, float] = (0.8, 1.25)
    shift: float = 0.15
    hidden: int = 1
    hidden_side: float = 0.5
    noise: float = 0.05
    ground: float = 0.18
    contrast: float = 0.27
    shades: float = 0.6


DIFFICULTIES: dict[str, Difficulty] = {
    "E": Difficulty(
        angle=0.04,
        scale=0.02,
        offset=0.02,
        turn=20.0,
        zoom=(0.95, 1.1),
        shift=0.05,
        hidden=0,
        noise=0.02,
        ground=0.08,
        contrast=0.35,
    ),
    "M": Difficulty(),
    "H": Difficulty(angle=0.14, scale=0.07, offset=0.07, hidden=2, noise=0.10, contrast=0.20),
}
"""Easy, medium (the challenge's own) and hard."""


def make_species(classes: Sequence[int], *, class_seed: int = CLASS_SEED) -> Tensor:
    """Make the iterated function systems of some classes.

    Args:
        classes: the numbers of the classes, each at least 0.
        class_seed: the seed of the family; class k depends on it and on k alone.

    Returns:
        (K, 8, 8) float32: for each class up to 8 maps, for each map theta, phi, s1, s2, d1, d2, bx
        and by: x → R(theta)·diag(s1, s2)·R(phi)·diag(d1, d2)·x + b. A map with s1 = 0 is unused.

    Raises:
        ValueError: for a negative number.
    """
    if any(number < 0 for number in classes):
        raise ValueError(f"a class is numbered from 0 on, not {min(classes)}")
    return torch.stack([_one_species(class_seed, int(number)) for number in classes])


def make_set(
    classes: Sequence[int],
    per_class: int,
    *,
    seed: int,
    size: int = 64,
    difficulty: str | Difficulty = "M",
    class_seed: int = CLASS_SEED,
    device: str | torch.device = "cpu",
) -> tuple[Tensor, Tensor]:
    """Draw a set of pictures, class by class.

    Args:
        classes: the numbers of the classes.
        per_class: how many pictures of each.
        seed: of the pictures; another seed gives other pictures of the same classes.
        size: side of a picture in pixels.
        difficulty: "E", "M", "H", or settings of your own.
        class_seed: the seed of the family of classes.
        device: where the pictures are drawn, and lie afterwards.

    Returns:
        The pictures, (N, 3, size, size) uint8, and their labels, (N,) int64: positions in `classes`.
    """
    species = make_species(classes, class_seed=class_seed)
    labels = torch.arange(len(classes)).repeat_interleave(per_class).to(device)
    images = draw(species.to(device), labels, seed=seed, size=size, difficulty=difficulty)
    return images, labels


@torch.no_grad()
def draw(
    species: Tensor,
    labels: Tensor,
    *,
    seed: int,
    size: int = 64,
    difficulty: str | Difficulty = "M",
) -> Tensor:
    """Draw one picture for each label, on the device on which the species lie.

    Args:
        species: (K, 8, 8), from `make_species`.
        labels: (N,) whole numbers from 0 to K − 1.
        seed: of everything that chance decides here.
        size: side of a picture in pixels.
        difficulty: "E", "M", "H", or settings of your own.

    Returns:
        (N, 3, size, size) uint8. On the CPU the same numbers for any count of threads; a GPU draws
        other pictures of the same classes.
    """
    settings = difficulty if isinstance(difficulty, Difficulty) else DIFFICULTIES[difficulty]
    images = torch.empty(len(labels), 3, size, size, dtype=torch.uint8, device=species.device)
    generator = torch.Generator(species.device)
    for number, start in enumerate(range(0, len(labels), _BATCH)):
        generator.manual_seed(_mixed(seed, number))
        chosen = species[labels[start : start + _BATCH].to(species.device)]
        images[start : start + _BATCH] = _draw_batch(chosen, size, settings, generator)
    return images


def _mixed(*numbers: int) -> int:
    """One 63-bit seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _one_species(class_seed: int, number: int) -> Tensor:
    """Draw systems until one of them fills enough of the picture, and not too much."""
    chance = np.random.default_rng(np.random.SeedSequence((class_seed, number)))
    generator = torch.Generator()
    while True:
        count = int(chance.integers(2, MAPS + 1))
        maps = np.zeros((MAPS, 8))
        used = maps[:count]
        used[:, 0:2] = chance.uniform(-math.pi, math.pi, (count, 2))
        first = chance.uniform(0.3, 1.0, count)
        second = first * chance.uniform(0.1, 1.0, count)
        total = 0.5 * (5 + count + chance.uniform())
        factor = total / (first + 2 * second).sum()
        used[:, 2], used[:, 3] = first * factor, second * factor
        used[:, 4:6] = chance.integers(0, 2, (count, 2)) * 2 - 1
        used[:, 6:8] = chance.uniform(-1, 1, (count, 2))
        if used[:, 2].max() >= _LARGEST_SCALE:
            continue
        system = torch.from_numpy(maps)[None]
        generator.manual_seed(_mixed(class_seed, number))
        points, _ = _chaos_game(system, 64, 40, 20, generator)
        touched = _counts(((_centred(points) + 1) * (_GRID / 2)), _GRID) > 0
        if _FILL[0] < float(touched.double().mean()) < _FILL[1]:
            return system[0].float()


def _rotation(angle: Tensor) -> Tensor:
    cosine, sine = angle.cos(), angle.sin()
    return torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], -2)


def _chaos_game(
    systems: Tensor, walkers: int, steps: int, discarded: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Walk about the attractors.

    Returns:
        The points, (B, walkers·steps, 2), and the number of the map that led to each.
    """
    batch, maps = systems.shape[:2]
    device = systems.device
    matrix = _rotation(systems[..., 0]) * systems[..., None, 2:4]
    matrix = matrix @ _rotation(systems[..., 1]) * systems[..., None, 4:6]
    area = (systems[..., 2] * systems[..., 3]).clamp(min=1e-3) * (systems[..., 2] > 0)
    bounds = (area / area.sum(1, keepdim=True)).cumsum(1)
    bounds[:, -1] = 1.0001
    table = torch.cat([matrix.flatten(2), systems[..., 6:8]], 2).reshape(batch * maps, 6)
    first_row = (torch.arange(batch, device=device) * maps)[:, None]
    x = torch.zeros(batch, walkers, 2, device=device, dtype=systems.dtype)
    points, numbers = [], []
    for step in range(discarded + steps):
        draws = torch.rand(batch, walkers, generator=generator, device=device, dtype=systems.dtype)
        number = torch.searchsorted(bounds, draws).clamp_(max=maps - 1)
        row = table[number + first_row]
        x = torch.stack(
            [
                row[..., 0] * x[..., 0] + row[..., 1] * x[..., 1] + row[..., 4],
                row[..., 2] * x[..., 0] + row[..., 3] * x[..., 1] + row[..., 5],
            ],
            -1,
        )
        if step >= discarded:
            points.append(x)
            numbers.append(number)
    return torch.cat(points, 1), torch.cat(numbers, 1)


def _centred(points: Tensor) -> Tensor:
    """Move the points' mean to the origin and the farthest point to distance 1."""
    points = points - points.mean(1, keepdim=True)
    return points / points.norm(dim=2).amax(1)[:, None, None].clamp(min=1e-6)


def _counts(points: Tensor, size: int, weights: Tensor | None = None) -> Tensor:
    """Count the points in each pixel, (B, size, size); points outside are dropped."""
    batch = len(points)
    cell = points.floor().long()
    inside = ((cell >= 0) & (cell < size)).all(2)
    first = torch.arange(batch, device=points.device)[:, None] * size
    flat = torch.where(inside, (first + cell[..., 1]) * size + cell[..., 0], batch * size * size)
    ones = torch.ones_like(points[..., 0]) if weights is None else weights
    counts = torch.zeros(batch * size * size + 1, dtype=points.dtype, device=points.device)
    counts.index_add_(0, flat.reshape(-1), ones.reshape(-1))
    return counts[:-1].reshape(batch, size, size)


def _draw_batch(
    systems: Tensor, size: int, settings: Difficulty, generator: torch.Generator
) -> Tensor:
    """Draw one picture of each system, (B, 3, size, size) uint8."""
    batch, device = len(systems), systems.device
    walkers, steps = 128, 40

    def uniform(*shape: int) -> Tensor:
        return torch.rand(batch, *shape, generator=generator, device=device)

    def normal(*shape: int) -> Tensor:
        return torch.randn(batch, *shape, generator=generator, device=device)

    systems = systems.clone()
    used = systems[..., 2:3] > 0
    systems[..., 0:2] += settings.angle * normal(MAPS, 2)
    scales = systems[..., 2:4] * (1 + settings.scale * normal(MAPS, 2))
    systems[..., 2:4] = scales.clamp(0.02, 0.93) * used
    systems[..., 6:8] += settings.offset * normal(MAPS, 2)

    points, number = _chaos_game(systems, walkers, steps, 12, generator)
    turn = (uniform() * 2 - 1) * math.radians(settings.turn)
    points = _centred(points) @ _rotation(turn).transpose(1, 2)
    mirrored = (uniform() < 0.5).float() * 2 - 1
    points = points * torch.stack([mirrored, torch.ones_like(mirrored)], -1)[:, None]
    smallest, largest = settings.zoom
    points = points * (smallest + (largest - smallest) * uniform())[:, None, None]
    points = (points + (uniform(1, 2) * 2 - 1) * settings.shift + 1) * (size / 2)

    counts = _counts(points, size)
    shade = uniform(MAPS).gather(1, number)  # each map has a shade of its own
    shade = (_counts(points, size, shade) / counts.clamp(min=1))[:, None]
    full = math.log1p(walkers * steps / (0.15 * size * size))
    cover = (counts.log1p() / full).clamp(0, 1)[:, None]

    ground = 0.15 + 0.7 * uniform(3, 1, 1)
    apart = settings.contrast + 0.25 * uniform(3, 1, 1)
    dark = ground + torch.where(ground < 0.5, apart, -apart)
    light = dark + settings.shades * (uniform(3, 1, 1) - 0.5)
    plant = (dark + (light - dark) * shade).clamp(0, 1)
    smooth = functional.interpolate(
        uniform(3, 5, 5) - 0.5, (size, size), mode="bicubic", align_corners=True
    )
    picture = (ground + 2 * settings.ground * smooth) * (1 - cover) + plant * cover

    place = torch.arange(size, device=device)
    for _ in range(settings.hidden):
        middle = uniform(2)[..., None] * size
        half = uniform(2)[..., None] * (settings.hidden_side * size / 2)
        within = (place - middle).abs() < half  # (B, 2, size): columns, rows
        rectangle = (within[:, 0, None, :] & within[:, 1, :, None])[:, None]
        picture = torch.where(rectangle, uniform(3, 1, 1), picture)
    picture = picture + settings.noise * normal(3, size, size)
    return (picture.clamp(0, 1) * 255).to(torch.uint8)
