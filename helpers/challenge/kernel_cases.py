"""What the challenge's kernel is tried on, what it should give, and what usual mistakes give.

The cases begin with one small picture and add one difficulty each: colours, blocks that are not
full, mirroring, shifts, memory in another order, bfloat16. What is wanted is computed in float64,
picture by picture, by slices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from helpers.challenge import kernels
from helpers.challenge.kernels import Kernel, Traffic

MARGIN = 4096  # numbers before and after each tensor that belong to nobody
COLOURS = ((97.0, 41.0), (120.0, 60.0), (143.0, 83.0))  # mean and deviation of each channel
MIRROR, DOWN, RIGHT = 0, 1, 2


@dataclass(frozen=True)
class Case:
    """Something a kernel is tried on.

    Attributes:
        name: in words.
        shape: (N, C, H, W).
        block: pixels of a program.
        moves: for each picture: mirrored or not, shift down, shift right.
        order: of the axes in memory, the slowest first.
        every: only every so many columns of what lies in memory are the picture's.
        dtype: of the result.
        coloured: whether mean and deviation are not 0 and 1.
    """

    name: str
    shape: tuple[int, int, int, int]
    block: int
    moves: tuple[tuple[int, int, int], ...] = ()
    order: tuple[int, int, int, int] = (0, 1, 2, 3)
    every: int = 1
    dtype: torch.dtype = torch.float32
    coloured: bool = True


CASES = (
    Case("one grey picture of 4 × 4, not moved", (1, 1, 4, 4), 16, coloured=False),
    Case("two colour pictures, a mean and a deviation for each channel", (2, 3, 4, 4), 16),
    Case("5 × 7 = 35 pixels in blocks of 16: the last block is not full", (1, 2, 5, 7), 16),
    Case("the second and third of three pictures mirrored", (3, 1, 3, 5), 16,
         ((0, 0, 0), (1, 0, 0), (1, 0, 0))),
    Case("shifts, another for each of four pictures", (4, 1, 4, 5), 32,
         ((0, 1, 2), (0, -1, 0), (0, 0, -2), (0, 2, -1))),
    Case("mirrored, then shifted", (3, 2, 5, 6), 32, ((1, 1, 2), (0, 2, -1), (1, -2, -3))),
    Case("shifts by a side, by more, by thousands", (5, 1, 3, 4), 16,
         ((0, 3, 0), (1, 0, -4), (0, -7, 9), (1, 5000, 1), (0, 1, -5000))),
    Case("one picture of one row", (1, 1, 1, 9), 16, ((1, 0, 2),)),
    Case("pictures in channels_last order", (2, 3, 4, 5), 32, ((1, 0, 1), (0, -1, 0)),
         order=(0, 2, 3, 1)),
    Case("every second column of wider pictures", (2, 2, 3, 4), 16, ((0, 0, 1), (1, 1, 0)),
         every=2),
    Case("a result in bfloat16", (1, 3, 5, 5), 16, ((1, 1, -1),), dtype=torch.bfloat16),
    Case("all of it together", (3, 3, 9, 13), 64, ((1, 2, -3), (0, -4, 5), (1, -1, -14)),
         order=(0, 2, 3, 1), dtype=torch.bfloat16),
)  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """What `wanted` does wrong on purpose, to recognise it in a kernel.

    Attributes:
        says: what the student is told.
        move: changes the moves.
        colour: changes mean and deviation, a (2, C) tensor.
        after: mirrors after the shift.
        black: pads before the normalisation.
        upside_down: mirrors top to bottom.
        contiguous: reads the memory as if one number followed the other.
        formula: stands in place of (x − mean) / deviation.
    """

    says: str
    move: Callable[[Tensor], Tensor] = lambda moves: moves
    colour: Callable[[Tensor], Tensor] = lambda colours: colours
    after: bool = False
    black: bool = False
    upside_down: bool = False
    contiguous: bool = False
    formula: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda x, mean, deviation: (
        (x - mean) / deviation
    )


def _with_column(column: int, change: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def changed(moves: Tensor) -> Tensor:
        made = moves.clone()
        made[:, column] = change(moves[:, column])
        return made

    return changed


RIGHT_WAY = Mistake("")
MISTAKES = (
    Mistake(
        "the mirror image is taken after the shift, so that mirrored pictures move the wrong way: "
        "find the column before the shift first, then mirror it",
        after=True,
    ),
    Mistake(
        "every picture is moved like the first one: the moves of picture n stand at moves + 3 * n",
        move=lambda moves: moves[:1].expand_as(moves),
    ),
    Mistake(
        "nothing is mirrored: the first of a picture's three moves says whether it is",
        move=_with_column(MIRROR, torch.zeros_like),
    ),
    Mistake(
        "every picture is mirrored, also where its first move is 0",
        move=_with_column(MIRROR, torch.ones_like),
    ),
    Mistake(
        "mirrored and not mirrored are exchanged",
        move=_with_column(MIRROR, lambda mirrored: 1 - mirrored),
    ),
    Mistake("the mirror image is upside down: columns are to be mirrored", upside_down=True),
    Mistake(
        "shifts go the wrong way: what lands on row i comes from row i − down",
        move=lambda moves: moves * torch.tensor([1, -1, -1]),
    ),
    Mistake(
        "the shift down goes the wrong way: what lands on row i comes from row i − down",
        move=_with_column(DOWN, torch.neg),
    ),
    Mistake(
        "the shift right goes the wrong way: what lands on column j comes from column j − right",
        move=_with_column(RIGHT, torch.neg),
    ),
    Mistake(
        "the shifts down and right are exchanged",
        move=lambda moves: moves[:, [MIRROR, RIGHT, DOWN]],
    ),
    Mistake("nothing is shifted", move=lambda moves: moves * torch.tensor([1, 0, 0])),
    Mistake("nothing is shifted down", move=_with_column(DOWN, torch.zeros_like)),
    Mistake("nothing is shifted to the right", move=_with_column(RIGHT, torch.zeros_like)),
    Mistake(
        "pixels from outside are −mean/deviation: they are to be 0 after the normalisation",
        black=True,
    ),
    Mistake(
        "the memory is read as if one number followed the other: the place of a pixel is the sum "
        "of picture, channel, row and column, each times its own stride",
        contiguous=True,
    ),
    Mistake(
        "all channels are normalised like the first: load mean + channel and deviation + channel",
        colour=lambda colours: colours[:, :1].expand_as(colours),
    ),
    Mistake(
        "the channels' means and deviations are in the wrong order",
        colour=lambda colours: colours.flip(1),
    ),
    Mistake("mean and deviation are exchanged", colour=lambda colours: colours.flip(0)),
    Mistake("the deviation is forgotten", formula=lambda x, mean, deviation: x - mean),
    Mistake(
        "it is multiplied by the deviation, not divided",
        formula=lambda x, mean, deviation: (x - mean) * deviation,
    ),
    Mistake("the mean is forgotten", formula=lambda x, mean, deviation: x / deviation),
    Mistake("the mean is added", formula=lambda x, mean, deviation: (x + mean) / deviation),
    Mistake(
        "the mean is subtracted after the division",
        formula=lambda x, mean, deviation: x / deviation - mean,
    ),
    Mistake(
        "differences below 0 begin again at 255: turn the bytes into floats before you subtract",
        formula=lambda x, mean, deviation: ((x - mean) % 256) / deviation,
    ),
)


@dataclass(frozen=True)
class Trial:
    """A case with its tensors, made for one run.

    Attributes:
        case: the case.
        pictures: (N, C, H, W) uint8.
        result: (N, C, H, W), to be written; NaN so far.
        moves: (N, 3) int32.
        colours: (2, C) float32: means and deviations.
    """

    case: Case
    pictures: Tensor
    result: Tensor
    moves: Tensor
    colours: Tensor

    def run(self, kernel: Kernel) -> Traffic:
        """Interpret a kernel on it; raises what the kernel raises."""
        arguments = kernels.augment_arguments(
            self.pictures, self.result, self.moves, _apart(self.colours[0]),
            _apart(self.colours[1]), self.case.block,
        )  # fmt: skip
        return kernels.interpret(
            kernel, kernels.augment_grid(self.pictures, self.case.block), *arguments
        )


def make_trial(case: Case) -> Trial:
    """Draw the pictures of a case and lay all tensors into memory, far from each other."""
    count, channels, height, width = case.shape
    generator = torch.Generator().manual_seed(1)
    wide = (count, channels, height, width * case.every)
    pictures = torch.randint(0, 256, wide, dtype=torch.uint8, generator=generator)
    back = sorted(range(4), key=case.order.__getitem__)
    pictures = _apart(pictures.permute(case.order)).permute(back)[..., :: case.every]
    moves = case.moves or ((0, 0, 0),) * count
    plain = torch.tensor([[0.0, 1.0]] * channels)
    colours = (torch.tensor(COLOURS)[:channels] if case.coloured else plain).T.contiguous()
    return Trial(
        case,
        pictures,
        _apart(torch.full(case.shape, float("nan"), dtype=case.dtype)),
        _apart(torch.tensor(moves, dtype=torch.int32)),
        colours,
    )


def wanted(trial: Trial, mistake: Mistake = RIGHT_WAY) -> Tensor:
    """Compute in float64, picture by picture, what a kernel should write.

    Args:
        trial: pictures, moves and colours.
        mistake: what is to be done wrong; nothing unless given.

    Returns:
        (N, C, H, W) float64.
    """
    pictures = trial.pictures
    if mistake.contiguous:
        pictures = pictures.as_strided(
            pictures.shape, torch.empty(pictures.shape, device="meta").stride()
        )
    mean, deviation = mistake.colour(trial.colours).double()[:, :, None, None]
    axis = 1 if mistake.upside_down else 2
    made = []
    for picture, (mirrored, down, right) in zip(
        pictures.double(), mistake.move(trial.moves).tolist(), strict=True
    ):
        x = picture if mistake.black else mistake.formula(picture, mean, deviation)
        if mirrored and not mistake.after:
            x = x.flip(axis)
        x = _shifted(x, down, right)
        if mirrored and mistake.after:
            x = x.flip(axis)
        made.append(mistake.formula(x, mean, deviation) if mistake.black else x)
    return torch.stack(made)


def _shifted(x: Tensor, down: int, right: int) -> Tensor:
    """Shift a picture (C, H, W), with 0 where nothing comes from."""
    shifted = torch.zeros_like(x)
    height, width = x.shape[1:]
    if abs(down) < height and abs(right) < width:
        to = slice(max(down, 0), height + min(down, 0)), slice(max(right, 0), width + min(right, 0))
        of = (
            slice(max(-down, 0), height - max(down, 0)),
            slice(max(-right, 0), width - max(right, 0)),
        )
        shifted[:, *to] = x[:, *of]
    return shifted


def _apart(tensor: Tensor) -> Tensor:
    """Copy a tensor to the middle of memory that belongs to nobody else."""
    room = torch.zeros(tensor.numel() + 2 * MARGIN, dtype=tensor.dtype)
    middle = room[MARGIN : MARGIN + tensor.numel()].view(tensor.shape)
    return middle.copy_(tensor)
