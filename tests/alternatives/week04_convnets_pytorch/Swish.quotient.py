# x divided by 1 + exp(−βx); the slopes from the output.
class Swish(torch.autograd.Function):
    """x · sigmoid(β x), element by element, with one learnt β."""

    @staticmethod
    def forward(ctx, x, beta):
        """Compute, and keep what the way back needs.

        Args:
            ctx: where to keep it.
            x: float tensor of any shape. Not modified.
            beta: float tensor of shape ().

        Returns:
            Tensor of the shape of x.
        """
        h = x / (1 + torch.exp(-beta * x))
        ctx.save_for_backward(x, beta, h)
        return h

    @staticmethod
    def backward(ctx, upstream):
        """Turn slopes with respect to the output into slopes with respect to both arguments.

        Args:
            ctx: what `forward` kept.
            upstream: tensor of the shape of the output.

        Returns:
            Slopes with respect to x, in its shape, and to beta, of shape ().
        """
        x, beta, h = ctx.saved_tensors
        gate = 1 / (1 + torch.exp(-beta * x))
        dx = gate + beta * h * (1 - gate)
        dbeta = upstream * x * h * (1 - gate)
        return upstream * dx, dbeta.sum().reshape(())
