# A loop over the flat array.
class GELU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        h = np.empty_like(x)
        for i, z in enumerate(x.ravel().tolist()):
            h.flat[i] = z * (1 + math.erf(z / 2**0.5)) / 2
        return h
