# Place by place, with an own function for the distribution.
class GELU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        def phi(z):
            return (1 + math.erf(z / math.sqrt(2))) / 2

        h = np.zeros(x.shape, dtype=x.dtype)
        for place in np.ndindex(*x.shape):
            h[place] = x[place] * phi(x[place])
        return h
