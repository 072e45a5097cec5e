# np.clip with one bound.
class ReLU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        return x.clip(0, None)
