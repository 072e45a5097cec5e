"""The flora drawn in the plain way: matrices, a search for each step, two histograms.

This is how the generator was first written, and what `helpers.challenge.flora` is timed against.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from helpers.challenge.flora import Difficulty
from helpers.challenge.species import MAPS


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
    points = torch.empty(steps, batch, walkers, 2, device=device)
    numbers = torch.empty(steps, batch, walkers, device=device, dtype=torch.long)
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
            points[step - discarded] = x
            numbers[step - discarded] = number
    return points.permute(1, 0, 2, 3).flatten(1, 2), numbers.permute(1, 0, 2).flatten(1)


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


def draw_plainly(
    systems: Tensor, size: int, settings: Difficulty, generator: torch.Generator
) -> Tensor:
    """Draw one picture of each system.

    Args:
        systems: (B, 8, 8), one species for each picture.
        size: side of a picture in pixels.
        settings: how far pictures of one species differ.
        generator: of all random numbers.

    Returns:
        (B, 3, size, size) uint8.
    """
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
