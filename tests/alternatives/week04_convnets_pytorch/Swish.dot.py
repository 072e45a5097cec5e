# A dot product for β; nothing for what needs no slope.
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
        ctx.save_for_backward(x, beta)
        return x * 0.5 * (1 + torch.tanh(beta * x / 2))

    @staticmethod
    def backward(ctx, upstream):
        """Turn slopes with respect to the output into slopes with respect to both arguments.

        Args:
            ctx: what `forward` kept.
            upstream: tensor of the shape of the output.

        Returns:
            Slopes with respect to x, in its shape, and to beta, of shape ().
        """
        x, beta = ctx.saved_tensors
        gate = F.sigmoid(x * beta)
        dx = dbeta = None
        if ctx.needs_input_grad[0]:
            dx = torch.addcmul(gate, beta * x, gate - gate**2) * upstream
        if ctx.needs_input_grad[1]:
            dbeta = torch.dot(upstream.flatten(), (x**2 * (gate - gate**2)).flatten())
        return dx, dbeta
