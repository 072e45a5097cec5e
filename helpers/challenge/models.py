"""Two small networks to begin with: a plain one and one with residual connections.

    model = make_model("residual", classes=20)

Neither is the last word: a network of your own, in your notebook, goes the same way. Sources:
Y. LeCun et al., "Gradient-based learning applied to document recognition", Proceedings of the IEEE
1998 (convolution, pooling, a linear end); K. He et al., "Deep residual learning for image
recognition", CVPR 2016 (residual blocks); S. Ioffe and C. Szegedy, "Batch normalization", ICML
2015.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from helpers.challenge.errors import ChallengeError


class Scaled(nn.Module):
    """Turn pictures of bytes into numbers around 0.

    It stands within the network, so that the network which is submitted takes bytes as they are.
    """

    def forward(self, pictures: Tensor) -> Tensor:
        """Scale pictures.

        Args:
            pictures: (N, C, H, W), from 0 to 255.

        Returns:
            (N, C, H, W), from −1 to 1; bytes become float32, other numbers keep their kind.
        """
        numbers = pictures if pictures.is_floating_point() else pictures.float()
        return numbers / 127.5 - 1.0


class Block(nn.Module):
    """Two convolutions of 3 × 3 with a way around them.

    Args:
        channels: of the input.
        width: channels of the output.
        stride: of the first convolution.
        norm: makes the normalisation of a number of channels.
    """

    def __init__(
        self, channels: int, width: int, stride: int, norm: Callable[[int], nn.Module]
    ) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.first_norm = norm(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = norm(width)
        self.around: nn.Module = nn.Identity()
        if stride != 1 or channels != width:
            self.around = nn.Sequential(
                nn.Conv2d(channels, width, 1, stride, bias=False), norm(width)
            )

    def forward(self, h: Tensor) -> Tensor:
        """Compute the block.

        Args:
            h: (N, channels, H, W).

        Returns:
            (N, width, H / stride, W / stride).
        """
        inner = torch.relu(self.first_norm(self.first(h)))
        return torch.relu(self.second_norm(self.second(inner)) + self.around(h))


def plain_cnn(classes: int, *, width: int = 16, channels: int = 3) -> nn.Module:
    """Make a plain network: four convolutions with pooling between them, a linear end.

    Args:
        classes: how many scores it gives.
        width: channels of the first convolution.
        channels: of a picture.

    Returns:
        A network for pictures (N, channels, H, W) of bytes, any H and W from 16 up.
    """
    layers: list[nn.Module] = [Scaled()]
    before = channels
    for now in (width, 2 * width, 4 * width, 4 * width):
        layers += [nn.Conv2d(before, now, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        before = now
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def residual_net(
    classes: int,
    *,
    width: int = 16,
    channels: int = 3,
    depth: int = 1,
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
) -> nn.Module:
    """Make a residual network: a stem of 5 × 5 and stride 2, three stages, a linear end.

    Args:
        classes: how many scores it gives.
        width: channels of the first stage; the others have twice and four times as many.
        channels: of a picture.
        depth: blocks in each stage.
        norm: makes the normalisation of a number of channels.

    Returns:
        A network for pictures (N, channels, H, W) of bytes, any H and W from 16 up.
    """
    layers = [Scaled(), nn.Conv2d(channels, width, 5, 2, 2, bias=False), norm(width), nn.ReLU()]
    before = width
    for stage, now in enumerate((width, 2 * width, 4 * width)):
        for number in range(depth):
            layers.append(Block(before, now, 2 if stage and not number else 1, norm))
            before = now
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def linear(classes: int, *, channels: int = 3, size: int = 64) -> nn.Module:
    """Make the humblest classifier of all: one linear layer on the pixels.

    Args:
        classes: how many scores it gives.
        channels: of a picture.
        size: side of a picture in pixels.

    Returns:
        A network for pictures (N, channels, size, size) of bytes.
    """
    return nn.Sequential(Scaled(), nn.Flatten(), nn.Linear(channels * size * size, classes))


def group_norm(channels: int) -> nn.Module:
    """Make a normalisation without statistics of the batch: four channels to a group.

    Args:
        channels: of its input, a multiple of four.

    Returns:
        The layer.
    """
    return nn.GroupNorm(channels // 4, channels)


ARCHITECTURES: Mapping[str, Callable[[int], nn.Module]] = {
    "linear": linear,
    "plain": plain_cnn,
    "residual": residual_net,
    "residual-groups": lambda classes: residual_net(classes, norm=group_norm),
}
"""What `--arch` of the training script knows; each takes the number of classes."""


def make_model(name: str, classes: int) -> nn.Module:
    """Make a network by name.

    Args:
        name: one of `ARCHITECTURES`.
        classes: how many scores it gives.

    Returns:
        The network.

    Raises:
        ChallengeError: there is no such network.
    """
    if name not in ARCHITECTURES:
        raise ChallengeError(
            f"no network is called {name}", f"There are {', '.join(ARCHITECTURES)}."
        )
    return ARCHITECTURES[name](classes)
