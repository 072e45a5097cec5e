# Names the axes; keeps the arrays under other names as well.
class Linear:
    """Fully connected layer."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def parameters(self):
        return [self.W, self.b]

    def forward(self, x):
        """Compute the pre-activations of a batch."""
        return np.einsum("ni,io->no", x, self.W) + self.b[None, :]
