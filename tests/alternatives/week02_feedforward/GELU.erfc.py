# The complementary error function and np.fromiter.
class GELU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        phi = np.fromiter((math.erfc(-z * math.sqrt(0.5)) / 2 for z in x.flat), float, x.size)
        return (x * phi.reshape(x.shape)).astype(x.dtype)
