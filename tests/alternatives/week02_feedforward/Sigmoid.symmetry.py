# The left tail first, the right one as 1 minus it.
class Sigmoid:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        tail = np.exp(-abs(x))
        left = tail / (1 + tail)
        return np.where(x < 0, left, 1 - left)
