# np.vectorize told the dtype of x, so that nothing is cast back.
class GELU:
    """An activation."""

    def parameters(self):
        return []

    def forward(self, x):
        """Apply it to every element."""
        erf = np.vectorize(math.erf, otypes=[x.dtype])
        half, root = x.dtype.type(0.5), x.dtype.type(2**0.5)
        return x * half + x * half * erf(x / root)
