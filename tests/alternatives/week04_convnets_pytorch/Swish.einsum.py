# The logistic function from a softplus; einsum for the sum.
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
        ctx.save_for_backward(beta, x)
        return x * torch.exp(-F.softplus(-beta * x))

    @staticmethod
    def backward(ctx, upstream):
        """Turn slopes with respect to the output into slopes with respect to both arguments.

        Args:
            ctx: what `forward` kept.
            upstream: tensor of the shape of the output.

        Returns:
            Slopes with respect to x, in its shape, and to beta, of shape ().
        """
        beta, x = ctx.saved_tensors
        gate = torch.exp(F.logsigmoid(beta * x))
        other = torch.exp(F.logsigmoid(-beta * x))
        dbeta = torch.einsum("...,...->", upstream, x * x * gate * other)
        return upstream * gate * (1 + beta * x * other), dbeta
