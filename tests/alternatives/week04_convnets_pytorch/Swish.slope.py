# Keeps the slopes instead of the arguments.
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
        gate = (beta * x).sigmoid()
        slope = gate * (1 - gate)
        ctx.save_for_backward(gate + beta * x * slope, x * x * slope)
        return x.mul(gate)

    @staticmethod
    def backward(ctx, upstream):
        """Turn slopes with respect to the output into slopes with respect to both arguments.

        Args:
            ctx: what `forward` kept.
            upstream: tensor of the shape of the output.

        Returns:
            Slopes with respect to x, in its shape, and to beta, of shape ().
        """
        slope_x, slope_beta = ctx.saved_tensors
        return upstream * slope_x, (upstream * slope_beta).sum()
