"""The classes of the fractal flora: random iterated function systems, and the walk about them.

A class (a *species*) is an iterated function system: 2 to 8 affine maps of the plane, each of which
brings points closer together. Whoever starts anywhere and applies one of the maps, drawn by chance,
again and again (the "chaos game") walks about the system's attractor.

Class k depends on the class seed and k alone, so the twenty classes of a small set are the first
of a thousand. Species are made on the CPU, in float64, and are the same on every device.

Sources: H. Kataoka et al., "Pre-training without natural images", ACCV 2020 (a random system is a
class, kept if it fills enough of the picture); C. Anderson and R. Farrell, "Improving fractal
pre-training", WACV 2022, section 3 (maps by their singular values, whose sum σ₁ + 2σ₂ over all maps
lies between (5 + N)/2 and (6 + N)/2); M. Barnsley, "Fractals everywhere", Academic Press 1988
(the chaos game, and maps chosen in proportion to |det A|).
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

CLASS_SEED = 2026
"""The class seed of the challenge. It is public: the pictures' seeds are not."""

MAPS = 8
"""Most affine maps that one species has."""

LEVELS = 1024
"""The maps' probabilities are rounded to this many parts."""

_SMALLEST_FILL, _LARGEST_FILL = 0.10, 0.45  # share of a grid that a species must touch
_GRID = 32  # side of that grid
_WALKERS, _STEPS, _DISCARDED = 64, 40, 20  # of the walk that decides about it
_LARGEST_SCALE = 0.92


def make_species(classes: Sequence[int], *, class_seed: int = CLASS_SEED) -> Tensor:
    """Make the iterated function systems of some classes.

    Args:
        classes: K numbers of classes, each at least 0.
        class_seed: the seed of the family, at least 0; class k depends on it and on k alone.

    Returns:
        (K, 8, 8) float32: for each class up to 8 maps; for each map θ, φ, s₁, s₂, d₁, d₂, b₁ and b₂
        of x → R(θ)·diag(s₁, s₂)·R(φ)·diag(d₁, d₂)·x + b. A map that is not used has s₁ = 0.

    Raises:
        ValueError: for a negative number.
    """
    numbers = [int(number) for number in classes]
    if min([class_seed, *numbers]) < 0:
        raise ValueError("classes are numbered from 0 on, and their seed is at least 0")
    chances = [np.random.default_rng((class_seed, number)) for number in numbers]
    # every candidate is judged by one and the same choice of maps, so that classes can be judged
    # together without knowing of each other
    judge = np.random.default_rng(0).integers(0, LEVELS, (_DISCARDED + _STEPS, 1, _WALKERS))
    levels = torch.from_numpy(judge.astype(np.int32))
    species = torch.zeros(len(numbers), MAPS, 8, dtype=torch.float64)
    left = list(range(len(numbers)))
    while left:
        candidates = torch.from_numpy(np.stack([_candidate(chances[place]) for place in left]))
        fill = _fill(candidates, levels)
        kept = (fill > _SMALLEST_FILL) & (fill < _LARGEST_FILL)
        species[torch.tensor(left)[kept]] = candidates[kept]
        left = [place for place, done in zip(left, kept.tolist(), strict=True) if not done]
    return species.float()


def walk(species: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
    """Play the chaos game: many walkers on many systems at once, all from the origin.

    The plane is that of the complex numbers, in which an affine map is z → αz + βz̄ + γ: half as
    many numbers to fetch as with matrices, and contiguous ones.

    Args:
        species: (B, 8, 8), as from `make_species`.
        levels: (T, B or 1, W) int32 from 0 to 1023, uniform: what chance says for each of T steps
            and W walkers.

    Returns:
        The points, (T, B, W) complex, and the map that led to each, (T, B, W) int32, counted
        through all systems: map m of system b is 8b + m.
    """
    batch, device = len(species), species.device
    choices = _choices(species).index_select(0, _flat(levels, batch, LEVELS)).view(len(levels), -1)
    alpha, beta, gamma = _coefficients(species)
    points = torch.empty(choices.shape, dtype=alpha.dtype, device=device)
    at = torch.zeros_like(points[0])
    factor, mirrored = torch.empty_like(at), torch.empty_like(at)
    for choice, reached in zip(choices, points, strict=True):
        torch.index_select(gamma, 0, choice, out=reached)
        reached.addcmul_(torch.index_select(alpha, 0, choice, out=factor), at)
        torch.conj_physical(at, out=mirrored)
        reached.addcmul_(torch.index_select(beta, 0, choice, out=factor), mirrored)
        at = reached
    shape = len(levels), batch, levels.shape[2]
    return points.view(shape), choices.view(shape)


def _candidate(chance: np.random.Generator) -> np.ndarray:
    """Draw one system, (8, 8), whose maps all contract."""
    while True:
        count = int(chance.integers(2, MAPS + 1))
        maps = np.zeros((MAPS, 8))
        used = maps[:count]
        used[:, 0:2] = chance.uniform(-math.pi, math.pi, (count, 2))
        first = chance.uniform(0.3, 1.0, count)
        second = first * chance.uniform(0.1, 1.0, count)
        factor = 0.5 * (5 + count + chance.uniform()) / (first + 2 * second).sum()
        used[:, 2], used[:, 3] = first * factor, second * factor
        used[:, 4:6] = 2 * chance.integers(0, 2, (count, 2)) - 1
        used[:, 6:8] = chance.uniform(-1, 1, (count, 2))
        if used[:, 2].max() < _LARGEST_SCALE:
            return maps


def _fill(species: Tensor, levels: Tensor) -> Tensor:
    """Say what share of a 32 × 32 grid each attractor touches, (B,)."""
    points = walk(species, levels)[0][_DISCARDED:].transpose(0, 1).flatten(1)
    points = points - points.mean(1, keepdim=True)
    points = points / points.abs().amax(1, keepdim=True)
    column, row = (((part + 1) * (_GRID / 2)).int() for part in (points.real, points.imag))
    cell = (row.clamp_(max=_GRID - 1) * _GRID + column.clamp_(max=_GRID - 1)).long()
    touched = torch.zeros(len(species), _GRID * _GRID, dtype=torch.float64)
    return touched.scatter_(1, cell, 1.0).mean(1)


def _coefficients(species: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Write the maps as z → αz + βz̄ + γ; (B·8,) complex each."""
    theta, phi, first, second, right, up, b1, b2 = species.reshape(-1, 8).unbind(1)
    mean, half = (first + second) / 2, (first - second) / 2
    same, mirrored = (right + up) / 2, (right - up) / 2
    one = torch.ones_like(theta)
    turn, inner = torch.polar(one, theta), torch.polar(one, phi)
    back = inner.conj()
    alpha = turn * (mean * same * inner + half * mirrored * back)
    beta = turn * (mean * mirrored * inner + half * same * back)
    return alpha, beta, torch.complex(b1, b2)


def _choices(species: Tensor) -> Tensor:
    """For each system and level the map to take, (B·1024,) int32, counted through all systems."""
    batch, device = len(species), species.device
    scales = species[..., 2:4]
    area = scales.prod(2).clamp(min=1e-3) * (scales[..., 0] > 0)
    bounds = (area.cumsum(1) / area.sum(1, keepdim=True) * LEVELS).contiguous()
    middles = torch.arange(LEVELS, device=device, dtype=species.dtype) + 0.5
    maps = torch.searchsorted(bounds, middles.expand(batch, LEVELS).contiguous(), out_int32=True)
    return _flat(maps.clamp_(max=MAPS - 1)[None], batch, MAPS)


def _flat(index: Tensor, batch: int, width: int) -> Tensor:
    """Turn (T, B or 1, W) positions within rows of a (B, width) table into positions in it all."""
    first = torch.arange(batch, device=index.device, dtype=torch.int32)[:, None] * width
    return (index + first).flatten()
