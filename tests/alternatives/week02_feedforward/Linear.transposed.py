# Works with columns, as many books do, and turns the result round.
class Linear:
    """Fully connected layer."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def parameters(self):
        return [self.W, self.b]

    def forward(self, x):
        """Compute the pre-activations of a batch."""
        return (self.W.T @ x.T + self.b[:, None]).T
