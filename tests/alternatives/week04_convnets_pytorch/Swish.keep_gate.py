# Keeps the gate that it has computed.
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
        gate = torch.sigmoid(beta * x)
        ctx.save_for_backward(x, beta, gate)
        return x * gate

    @staticmethod
    def backward(ctx, upstream):
        """Turn slopes with respect to the output into slopes with respect to both arguments.

        Args:
            ctx: what `forward` kept.
            upstream: tensor of the shape of the output.

        Returns:
            Slopes with respect to x, in its shape, and to beta, of shape ().
        """
        x, beta, gate = ctx.saved_tensors
        both = upstream * gate
        dbeta = torch.sum(both * x * x * (1 - gate))
        return both * (1 + beta * x * (1 - gate)), dbeta
