# A list comprehension over the flat array.
class GELU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        values = [z * 0.5 * math.erfc(-z / math.sqrt(2)) for z in x.reshape(-1)]
        return np.array(values, dtype=x.dtype).reshape(x.shape)
