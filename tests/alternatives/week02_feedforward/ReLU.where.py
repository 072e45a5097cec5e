# np.where with a zero of the same dtype.
class ReLU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        return np.where(x > 0, x, np.zeros_like(x))
