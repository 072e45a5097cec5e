"""Pictures made worse on purpose: noise, blur, occlusion, rotation, each in five severities.

    worse = corrupt(images, "blur", 3, seed=1)

A model that is right on clean pictures may be wrong on slightly worse ones; how fast its accuracy
falls with the severity says what it relies on. Every picture gets a draw of its own.

Source: D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common
corruptions and perturbations", ICLR 2019 (five severities of each kind). The strengths here are
ours, set for small pictures: all lengths are shares of the picture's side.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

SEVERITIES = (1, 2, 3, 4, 5)

STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "noise": (0.05, 0.10, 0.16, 0.24, 0.35),
    "blur": (0.018, 0.030, 0.045, 0.065, 0.090),
    "occlusion": (0.25, 0.35, 0.45, 0.55, 0.65),
    "rotation": (8.0, 15.0, 25.0, 40.0, 60.0),
}
"""For severity 1 to 5: noise, standard deviation (full range 1); blur, standard deviation, and
occlusion, side of the hidden square, both as shares of the picture's side; rotation, degrees."""

_SLICE = 1024  # pictures at a time, as floats


@torch.no_grad()
def corrupt(images: Tensor, kind: str, severity: int, *, seed: int) -> Tensor:
    """Make pictures worse in one way.

    Args:
        images: (N, C, H, W) uint8, with H = W.
        kind: "noise", "blur", "occlusion" or "rotation".
        severity: 1 to 5; 0 changes nothing.
        seed: of the draws, which differ from picture to picture.

    Returns:
        (N, C, H, W) uint8, new.

    Raises:
        ValueError: an unknown kind or severity, or pictures of another form.
    """
    if kind not in STRENGTHS:
        raise ValueError(f"no corruption is called {kind!r}; there are {', '.join(STRENGTHS)}")
    if severity != 0 and severity not in SEVERITIES:
        raise ValueError(f"severities run from 0 to {SEVERITIES[-1]}, not {severity}")
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[2] != images.shape[3]:
        raise ValueError(
            "pictures are (N, C, H, H) uint8, "
            f"not {tuple(images.shape)} {str(images.dtype).removeprefix('torch.')}"
        )
    worse = images.clone()
    if severity == 0:
        return worse
    strength = STRENGTHS[kind][severity - 1]
    generator = torch.Generator(images.device).manual_seed(seed)
    for part in worse.split(_SLICE):
        changed = _KINDS[kind](part.float(), strength, generator)
        part.copy_(changed.round_().clamp_(0, 255))
    return worse


def _noise(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Add normal noise to every number."""
    noise = torch.randn(images.shape, generator=generator, device=images.device)
    return images.add_(noise, alpha=255 * strength)


def _blur(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Blur by a Gaussian, up to a quarter narrower or wider for each picture."""
    count, channels, side, _ = images.shape
    factor = 0.75 + 0.5 * torch.rand(count, 1, generator=generator, device=images.device)
    deviation = factor * strength * side
    reach = min(side - 1, math.ceil(3 * 1.25 * strength * side))
    distance = torch.arange(-reach, reach + 1, device=images.device)
    weights = torch.exp(-0.5 * (distance / deviation) ** 2)
    weights = (weights / weights.sum(1, keepdim=True)).repeat_interleave(channels, dim=0)
    wide = functional.pad(images, (reach, reach, reach, reach), mode="reflect")
    rows = wide.view(1, count * channels, *wide.shape[2:])  # one group for each channel
    for shape in ((1, -1), (-1, 1)):
        kernel = weights.view(count * channels, 1, *(s if s > 0 else len(distance) for s in shape))
        rows = functional.conv2d(rows, kernel, groups=count * channels)
    return rows.view(images.shape)


def _occlusion(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Hide a square of one random shade, fully within the picture."""
    count, _, side, _ = images.shape

    def uniform(*shape: int) -> Tensor:
        return torch.rand(count, *shape, generator=generator, device=images.device)

    length = max(1, round(strength * side))
    first = (uniform(2, 1) * (side - length + 1)).floor()
    places = torch.arange(side, device=images.device)
    column, row = ((places >= first) & (places < first + length)).unbind(1)
    square = column[:, None, None, :] & row[:, None, :, None]
    return torch.where(square, 255 * uniform(1, 1, 1), images)


def _rotation(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Turn by between half and all of the angle, either way; the corners are filled with black."""
    count = len(images)
    draws = torch.rand(2, count, generator=generator, device=images.device)
    angle = math.radians(strength) * (0.5 + 0.5 * draws[0]) * torch.where(draws[1] < 0.5, -1.0, 1.0)
    cosine, sine, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    matrix = torch.stack([cosine, -sine, zero, sine, cosine, zero], 1).view(count, 2, 3)
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", align_corners=False)


_KINDS: Mapping[str, Callable[[Tensor, float, torch.Generator], Tensor]] = {
    "noise": _noise,
    "blur": _blur,
    "occlusion": _occlusion,
    "rotation": _rotation,
}
