"""First derivatives across the border: `backward()` in a test goes on in the student's process.

A tensor that a student's code computed comes to the judge by value, and as a link to the graph it
hangs on. When the judge's backward pass reaches it, the gradient is sent there, the student's pass
runs (its parameters get their `grad`), and the gradients of the call's arguments come back.
"""

from typing import Any, Protocol

import torch


class Asks(Protocol):
    """A session."""

    def ask(self, name: str, *arguments: Any) -> Any:
        """Have something done in the student's process."""


class _Bridge(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, link: Asks, output: int, numbers: list[int], value: Any, _: Any, *inputs: Any
    ) -> Any:
        ctx.link, ctx.output, ctx.numbers = link, output, numbers
        ctx.kinds = [(tensor.shape, tensor.dtype) for tensor in inputs]
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        found = ctx.link.ask("backward", ctx.output, gradients[0].contiguous(), ctx.numbers)
        if type(found) is not list or len(found) != len(ctx.kinds):
            raise TypeError("a gradient for each argument is due")
        kept = [
            gradient
            if type(gradient) is torch.Tensor and (gradient.shape, gradient.dtype) == kind
            else None
            for gradient, kind in zip(found, ctx.kinds, strict=True)
        ]
        return (None, None, None, None, None, *kept)


def bridge(link: Asks, output: int, value: Any, inputs: dict[int, Any]) -> Any:
    """Give a tensor of the student's a place in the judge's graph.

    Args:
        link: the way to the student's process.
        output: the tensor's number there.
        value: the tensor by value.
        inputs: the judge's tensors that it was computed from, by their numbers.

    Returns:
        A tensor with the same values.
    """
    anchor = torch.zeros((), requires_grad=True)  # for where only the student's parameters matter
    return _Bridge.apply(link, output, list(inputs), value, anchor, *inputs.values())


def backward(output: Any, gradient: Any, leaves: list[Any]) -> list[Any]:
    """Run a backward pass in the student's process.

    Args:
        output: the tensor to begin at.
        gradient: the gradient with respect to it.
        leaves: the arguments whose gradients are wanted.

    Returns:
        Their gradients, None where there is none.
    """
    for leaf in leaves:
        leaf.grad = None
    torch.autograd.backward(output, gradient, retain_graph=True)
    found = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    return found
