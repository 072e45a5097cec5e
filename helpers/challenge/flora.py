"""Fractal flora: pictures drawn from formulas, as many as you want, of as many classes as you want.

They look like pressed plants. Every picture of a species (`helpers.challenge.species`) is a new
drawing of its attractor: coefficients a little off, any rotation, mirrored or not, of another size,
at another place, in colours that say nothing about the species, before a smooth ground, partly
hidden, noisy. A person tells the species apart; pixel by pixel they cannot be told apart.

    images, labels = make_set(range(20), 500, seed=1)

A set depends on its arguments alone. The same numbers come out for any count of threads.

Sources: H. Kataoka et al., "Pre-training without natural images", ACCV 2020; C. Anderson and
R. Farrell, "Improving fractal pre-training", WACV 2022 (coloured drawings before a background).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from helpers.challenge.species import CLASS_SEED, LEVELS, MAPS, make_species, walk

__all__ = ["CLASS_SEED", "DIFFICULTIES", "Difficulty", "draw", "make_set", "make_species"]

_WALKERS, _STEPS, _DISCARDED = 128, 40, 12  # for 64 × 64 pixels
_FULL_COVER = 0.15  # a plant that touches this share of the pixels covers each of them fully
_KNOTS = 5  # the ground is smooth between 5 × 5 random colours
# Pictures drawn at once. It is a part of what a seed means, so it never changes; a GPU, which
# draws other pictures anyway, takes more.
_BATCH, _BATCH_GPU = 32, 2048
_SLICE = 16  # pictures painted at once on the CPU: they fit into its cache


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

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            if not all(math.isfinite(number) and number >= 0 for number in numbers):
                raise ValueError(f"{field.name} must be at least 0 and finite, not {value}")
        if len(self.zoom) != 2 or not 0 < self.zoom[0] <= self.zoom[1]:
            raise ValueError(f"zoom goes from the smallest size to the largest, not {self.zoom}")
        if not isinstance(self.hidden, int):
            raise ValueError(f"hidden counts rectangles, so {self.hidden} is no value for it")
        for name in ("hidden_side", "contrast"):
            if getattr(self, name) > 1:
                raise ValueError(f"{name} is a share, at most 1, not {getattr(self, name)}")


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
        The pictures, (N, 3, size, size) uint8, and their labels, (N,) int64: positions in
        `classes`, in rising order.
    """
    species = make_species(classes, class_seed=class_seed).to(device)
    labels = torch.arange(len(classes), device=device).repeat_interleave(per_class)
    return draw(species, labels, seed=seed, size=size, difficulty=difficulty), labels


@torch.no_grad()
def draw(
    species: Tensor,
    labels: Tensor,
    *,
    seed: int,
    size: int = 64,
    difficulty: str | Difficulty = "M",
    first: int = 0,
) -> Tensor:
    """Draw one picture for each label, on the device on which the species lie.

    Args:
        species: (K, 8, 8) float32, from `make_species`.
        labels: (N,) whole numbers from 0 to K − 1.
        seed: of everything that chance decides here, at least 0, of any length.
        size: side of a picture in pixels, at least 8.
        difficulty: "E", "M", "H", or settings of your own.
        first: draw a part of a longer set that begins with its picture of this number, a multiple
            of 32: on the CPU `draw(species, labels[64:], first=64, …)` gives what
            `draw(species, labels, …)[64:]` does.

    Returns:
        (N, 3, size, size) uint8. On the CPU the same numbers for any count of threads; a GPU draws
        other pictures of the same classes.

    Raises:
        ValueError: if a label has no species, or a setting makes no sense.
    """
    settings = _settings(difficulty)
    if size < 8:
        raise ValueError(f"a picture has at least 8 × 8 pixels, not {size} × {size}")
    device = species.device
    labels = labels.to(device)
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(species):
        raise ValueError(f"labels run from 0 to {len(species) - 1}, one species each")
    if first % _BATCH:
        raise ValueError(f"a part of a set begins at a multiple of {_BATCH}, not at {first}")
    generator = torch.Generator(device)
    images = torch.empty(len(labels), 3, size, size, dtype=torch.uint8, device=device)
    batch = _BATCH if device.type == "cpu" else _BATCH_GPU
    for number, part in enumerate(labels.split(batch)):
        generator.manual_seed(_mixed(seed, first // _BATCH + number))
        place = number * batch
        _draw_batch(species[part], settings, generator, images[place : place + batch])
    return images


def _settings(difficulty: str | Difficulty) -> Difficulty:
    if isinstance(difficulty, Difficulty):
        return difficulty
    if difficulty not in DIFFICULTIES:
        names = ", ".join(DIFFICULTIES)
        raise ValueError(f"no difficulty is called {difficulty!r}; there are {names}")
    return DIFFICULTIES[difficulty]


def _mixed(*numbers: int) -> int:
    """Make one seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))


class _Chance:
    """Random numbers for a batch, one generator."""

    def __init__(self, batch: int, generator: torch.Generator) -> None:
        self.batch, self.generator = batch, generator

    def uniform(self, *shape: int) -> Tensor:
        """Draw (B, *shape) numbers between 0 and 1."""
        generator = self.generator
        return torch.rand(self.batch, *shape, generator=generator, device=generator.device)

    def normal(self, *shape: int) -> Tensor:
        """Draw (B, *shape) numbers of mean 0 and variance 1."""
        generator = self.generator
        return torch.randn(self.batch, *shape, generator=generator, device=generator.device)

    def levels(self, steps: int, walkers: int) -> Tensor:
        """Draw (steps, B, walkers) whole numbers below 1024, int32: four of each 64 random bits."""
        bits = torch.empty(
            steps * self.batch * walkers // 4, dtype=torch.int64, device=self.generator.device
        )
        bits.random_(-(2**63), None, generator=self.generator)
        return (bits.view(torch.int16) & (LEVELS - 1)).int().view(steps, self.batch, walkers)


def _draw_batch(
    species: Tensor, settings: Difficulty, generator: torch.Generator, images: Tensor
) -> None:
    """Draw a picture of each of B systems into (B, 3, size, size) uint8."""
    chance = _Chance(len(species), generator)
    size = images.shape[-1]
    cover, shade = _plant(species, size, settings, chance)

    base = 0.15 + 0.7 * chance.uniform(3, 1, 1)
    apart = settings.contrast + 0.25 * chance.uniform(3, 1, 1)
    dark = base + torch.where(base < 0.5, apart, -apart)
    change = settings.shades * (chance.uniform(3, 1, 1) - 0.5)
    knots = base + 2 * settings.ground * (chance.uniform(3, _KNOTS, _KNOTS) - 0.5)
    knots = (4 * 255 * knots).round() / 4  # short numbers: see `_bicubic`
    rectangles = [_rectangle(size, settings, chance) for _ in range(settings.hidden)]
    weights = _bicubic(size, images.device)
    step = _SLICE if images.device.type == "cpu" else len(images)
    for first in range(0, len(images), step):
        part = slice(first, first + step)
        # colours run to 255 from here on
        picture = (knots[part].flatten(2).flatten(0, 1) @ weights).view(-1, 3, size, size)
        plant = torch.addcmul(255 * dark[part], 255 * change[part], shade[part]).clamp_(0, 255)
        picture.lerp_(plant, cover[part])
        for within, colour in rectangles:
            torch.where(within[part], colour[part], picture, out=picture)
        torch.randn(picture.shape, generator=generator, out=plant)
        images[part] = picture.add_(plant, alpha=255 * settings.noise).clamp_(0, 255)


def _plant(
    species: Tensor, size: int, settings: Difficulty, chance: _Chance
) -> tuple[Tensor, Tensor]:
    """Draw the plants' shapes.

    Returns:
        How much each pixel is covered, from 0 to 1, and its shade, from 0 to 1; (B, 1, size, size).
    """
    batch, device = len(species), species.device
    steps = max(8, round(_STEPS * (size / 64) ** 2))  # as many points for each pixel at any size
    angles, scales, signs, offsets = species.split(2, dim=2)
    jittered = scales * (1 + settings.scale * chance.normal(MAPS, 2))
    systems = torch.cat(
        [
            angles + settings.angle * chance.normal(MAPS, 2),
            jittered.clamp(0.02, 0.93) * (scales > 0),
            signs,
            offsets + settings.offset * chance.normal(MAPS, 2),
        ],
        dim=2,
    )
    points, maps = walk(systems, chance.levels(_DISCARDED + steps, _WALKERS))
    points = _placed(points[_DISCARDED:], size, settings, chance)

    # A border of one pixel takes the points that fall outside. Counts and shades are whole numbers,
    # so that their sums do not depend on the order; one table holds both.
    wide = size + 2
    cell = torch.view_as_real(points).clamp_(0, size + 1.5).int()
    column, row = cell[..., 0], cell[..., 1]
    corner = torch.arange(batch, device=device, dtype=torch.int32)[:, None] * wide**2
    place = (row * wide).add_(column).add_(corner).flatten().long()
    shades = (chance.uniform(MAPS) * 256).long() + 2**32  # each map has a shade of its own
    added = shades.flatten().index_select(0, maps[_DISCARDED:].flatten())
    table = torch.zeros(batch * wide**2, dtype=torch.int64, device=device)
    table = table.scatter_add_(0, place, added).view(batch, 1, wide, wide)[..., 1:-1, 1:-1]
    count = (table >> 32).float()
    shade = (table & (2**32 - 1)).float().div_(count.clamp(min=1) * 255)
    full = math.log1p(_WALKERS * steps / (_FULL_COVER * size * size))
    return count.log1p_().div_(full).clamp_(max=1), shade


def _placed(points: Tensor, size: int, settings: Difficulty, chance: _Chance) -> Tensor:
    """Turn, mirror, zoom and shift the plants; in pixels, the picture's corner at (1, 1)."""
    points = points - points.mean((0, 2))[:, None]
    distance = torch.addcmul(points.real.square(), points.imag, points.imag)
    radius = distance.amax((0, 2)).sqrt().clamp(min=1e-6)
    smallest, largest = settings.zoom
    zoom = (smallest + (largest - smallest) * chance.uniform()) / radius
    turn = (2 * chance.uniform() - 1) * math.radians(settings.turn)
    shift = (2 * chance.uniform(2) - 1) * settings.shift + 1
    mirrored = chance.uniform() < 0.5
    corner = torch.complex(*(shift * (size / 2) + 1).unbind(1))
    factor = torch.polar(zoom * (size / 2), turn)
    points = torch.where(mirrored[:, None], points.conj(), points)
    return points.mul_(factor[:, None]).add_(corner[:, None])


def _rectangle(size: int, settings: Difficulty, chance: _Chance) -> tuple[Tensor, Tensor]:
    """Say which pixels a rectangle hides, (B, 1, size, size) bool, and its colour, (B, 3, 1, 1)."""
    middle = chance.uniform(2, 1) * size
    half = chance.uniform(2, 1) * (settings.hidden_side * size / 2)
    places = torch.arange(size, device=middle.device)
    column, row = ((places - middle).abs() < half).unbind(1)
    return (column[:, None, None, :] & row[:, None, :, None]), 255 * chance.uniform(3, 1, 1)


def _bicubic(size: int, device: torch.device) -> Tensor:
    """Give the weights with which 5 × 5 knots make size × size smooth pixels, (25, size²).

    They are multiples of 1/4096, so that weights times knots add up in float32 without rounding:
    the ground is the same whatever matrix product the machine has.
    """
    one_each = torch.eye(_KNOTS**2, device=device).view(-1, 1, _KNOTS, _KNOTS)
    smooth = functional.interpolate(one_each, (size, size), mode="bicubic", align_corners=True)
    return (4096 * smooth.view(_KNOTS**2, size * size)).round() / 4096
