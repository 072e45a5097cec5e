"""The networks that are timed; how much they compute, and what the roofline says of them.

Source of the roofline: S. Williams, A. Waterman and D. Patterson, "Roofline: an insightful visual
performance model for multicore architectures", Communications of the ACM 2009.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from helpers.challenge.models import Scaled, residual_net


def resnet18(classes: int) -> nn.Module:
    """Make torchvision's ResNet-18 with a stem for pictures of 64 × 64.

    The stem is a convolution of 5 × 5 with stride 2, and there is no pooling after it, as in
    `helpers.challenge.models`: the four stages see 32, 16, 8 and 4 pixels a side. With the stem for
    224 × 224 the last stage would see 2.

    Args:
        classes: how many scores it gives.

    Returns:
        The network, for pictures (N, 3, 64, 64) of bytes: `Scaled`, then the ResNet.
    """
    net = models.resnet18(weights=None, num_classes=classes)
    net.conv1 = nn.Conv2d(3, 64, 5, 2, 2, bias=False)
    net.maxpool = nn.Identity()
    return nn.Sequential(Scaled(), net)


def resnet50(classes: int) -> nn.Module:
    """Make torchvision's ResNet-50 as it is; at 128 × 128 its stages see 32, 16, 8 and 4 pixels.

    Args:
        classes: how many scores it gives.

    Returns:
        The network, for pictures (N, 3, 128, 128) of bytes: `Scaled`, then the ResNet.
    """
    return nn.Sequential(Scaled(), models.resnet50(weights=None, num_classes=classes))


def small(classes: int) -> nn.Module:
    """Make the notebook's small residual network, for measurements on a CPU.

    Args:
        classes: how many scores it gives.

    Returns:
        The network, for pictures of bytes: `Scaled`, then the rest.
    """
    scaled, *rest = residual_net(classes)  # type: ignore[misc]
    return nn.Sequential(scaled, nn.Sequential(*rest))


def flop_per_picture(model: nn.Module, size: int) -> int:
    """Count what training on one picture computes: products forward and backward, 2 FLOP each.

    Normalisation, activations and the optimiser are not counted, as is usual. Nothing is computed:
    the network is copied to a device on which tensors have shapes and no content.

    Args:
        model: takes pictures (N, 3, size, size).
        size: side of a picture in pixels.

    Returns:
        FLOP.
    """
    batch = 2  # batch norm wants more than one
    with FlopCounterMode(display=False) as counter:
        _on_meta(model)(torch.empty(batch, 3, size, size, device="meta")).sum().backward()
    return counter.get_total_flops() // batch


def _on_meta(model: nn.Module) -> nn.Module:
    return copy.deepcopy(model).to("meta").train()


@dataclass(frozen=True)
class Layer:
    """What one layer computes and moves for a batch, forward.

    Args:
        name: its place in the network.
        kind: what it is.
        flop: of its product; 0 for all that is no product.
        inputs: how many numbers come in.
        weights: how many weights it has.
        outputs: how many numbers go out.
        first: whether it stands at the beginning, where nobody needs the gradient of the input.
    """

    name: str
    kind: str
    flop: int
    inputs: int
    weights: int
    outputs: int
    first: bool = False

    def intensity(self, number_bytes: int) -> float:
        """Give the FLOP for each byte moved, forward, as the notebook's `arithmetic_intensity`.

        Args:
            number_bytes: bytes of a number.
        """
        return self.flop / (number_bytes * (self.inputs + self.weights + self.outputs))

    def seconds(self, peak: float, bandwidth: float, number_bytes: int) -> float:
        """Give the least time of the layer in one training step, nothing kept in any cache.

        A layer with a product takes up to three of them: of input and weights, of the output's
        gradient and the weights, and of the input and the output's gradient. Each moves the same
        three arrays, and takes as long as the slower of computing and moving. Any other layer reads
        its input and writes its output; on the way back it reads the gradient and one of the two,
        and writes a gradient.

        Args:
            peak: FLOP a second.
            bandwidth: bytes a second.
            number_bytes: bytes of a number.
        """
        if self.flop:
            moved = number_bytes * (self.inputs + self.weights + self.outputs)
            return (2 if self.first else 3) * max(self.flop / peak, moved / bandwidth)
        return number_bytes * (3 * self.outputs + 2 * self.inputs) / bandwidth


def layers(model: nn.Module, size: int, batch: int) -> list[Layer]:
    """List a network's layers: products, normalisations, activations and pooling.

    The additions of residual blocks are no layers, so they are missing here; so is `Scaled`.

    Args:
        model: takes pictures (N, 3, size, size).
        size: side of a picture in pixels.
        batch: pictures in a batch.

    Returns:
        The layers in the order in which they are computed; a layer that is used twice stands there
        twice.
    """
    found: list[Layer] = []
    model = _on_meta(model)

    def note(name: str) -> Any:
        def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            flop, weights = 0, 0
            if isinstance(layer, nn.Conv2d | nn.Linear):
                weights = layer.weight.numel()
                places = output.numel() // output.shape[1]  # batch, and pixels of a convolution
                flop = 2 * places * weights
            first = bool(flop) and not any(layer.flop for layer in found)
            kind = type(layer).__name__
            found.append(Layer(name, kind, flop, inputs[0].numel(), weights, output.numel(), first))

        return hook

    for name, layer in model.named_modules():
        if not [*layer.children()] and not isinstance(layer, nn.Identity | nn.Flatten | Scaled):
            layer.register_forward_hook(note(name))
    model(torch.empty(batch, 3, size, size, device="meta"))
    return found


def roofline(
    parts: Sequence[Layer], batch: int, peak: float, bandwidth: float, number_bytes: int
) -> dict[str, float]:
    """Say how fast a network can be trained at the very best.

    Args:
        parts: from `layers` for this batch.
        batch: pictures in it.
        peak: FLOP a second.
        bandwidth: bytes a second.
        number_bytes: bytes of a number.

    Returns:
        Pictures a second: if products alone took time (everything else done on the way), and if
        every layer moved its numbers by itself, as it does without a compiler that joins layers;
        and the share of FLOP in products that wait for the memory.
    """
    products = [part for part in parts if part.flop]
    waiting = [part for part in products if part.intensity(number_bytes) < peak / bandwidth]

    def rate(some: Sequence[Layer]) -> float:
        return batch / sum(part.seconds(peak, bandwidth, number_bytes) for part in some)

    return {
        "images_per_second_products": rate(products),
        "images_per_second_all_layers": rate(parts),
        "balance_flop_per_byte": peak / bandwidth,
        "share_of_flop_bound_by_memory": sum(p.flop for p in waiting)
        / sum(p.flop for p in products),
    }
