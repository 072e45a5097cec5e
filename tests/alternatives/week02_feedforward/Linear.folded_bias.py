# The bias as the weight of one more input, which is always 1.
class Linear:
    """Fully connected layer."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def parameters(self):
        return [self.W, self.b]

    def forward(self, x):
        """Compute the pre-activations of a batch."""
        ones = np.ones((x.shape[0], 1), dtype=x.dtype)
        return np.concatenate([x, ones], axis=1) @ np.concatenate([self.W, self.b.reshape(1, -1)])
