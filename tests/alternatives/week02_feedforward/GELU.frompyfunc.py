# np.frompyfunc, which returns objects.
class GELU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        bell = np.frompyfunc(lambda z: 0.5 + 0.5 * math.erf(z / math.sqrt(2)), 1, 1)
        return np.multiply(x, bell(x.astype(float)).astype(float)).astype(x.dtype)
