# Half of the sum of a number and its size.
class ReLU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        return (x + np.abs(x)) / 2
