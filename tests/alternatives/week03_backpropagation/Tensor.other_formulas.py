# Other formulas: einsum, where, log-space free of the output, one-hot by a loop over places.
class Tensor(Variable):
    """A Variable with the operations of a network.

    Args:
        data, requires_grad, parents, pulls: as for Variable.
    """

    def __matmul__(self, other):
        other = self.wrap(other)
        first, second = self.data, other.data
        return self.record(
            first @ second,
            (self, lambda g: np.einsum("ik,jk->ij", g, second)),
            (other, lambda g: np.einsum("ij,ik->jk", first, g)),
        )

    def __rmatmul__(self, other):
        return self.wrap(other) @ self

    def sum(self, axis=None, keepdims=False):
        """Add up.

        Args:
            axis: None for all axes, or an integer (from the end, if negative), or a tuple of them.
            keepdims: keep the summed axes, with size 1.

        Returns:
            Tensor.
        """
        shape = self.data.shape

        def spread(g):
            kept = self.data.sum(axis=axis, keepdims=True).shape
            return np.ones(shape) * np.reshape(g, kept)

        return self.record(self.data.sum(axis=axis, keepdims=keepdims), (self, spread))

    def exp(self):
        """Returns: Tensor of exponentials."""
        return self.record(np.exp(self.data), (self, lambda g: np.exp(self.data) * g))

    def log(self):
        """Returns: Tensor of natural logarithms."""
        data = self.data
        return self.record(np.log(data), (self, lambda g: np.divide(1.0, data) * g))

    def relu(self):
        """Returns: Tensor with max(0, entry); the slope at 0 is 0."""
        return self.record(
            np.maximum(self.data, 0.0), (self, lambda g: np.where(self.data > 0, g, 0.0))
        )

    def tanh(self):
        """Returns: Tensor of hyperbolic tangents."""
        value = np.tanh(self.data)
        return self.record(value, (self, lambda g: g / np.cosh(self.data) ** 2))

    def __getitem__(self, index):
        shape = self.data.shape

        def put_back(g):
            places = np.arange(self.data.size).reshape(shape)[index]
            size = self.data.size
            flat = np.bincount(np.ravel(places), weights=np.ravel(g), minlength=size)
            return flat.reshape(shape)

        return self.record(self.data[index], (self, put_back))

    def mean(self, axis=None, keepdims=False):
        """Returns: Tensor, the mean along an axis, or of all entries."""
        total = self.sum(axis=axis, keepdims=keepdims)
        return total * (total.data.size / self.data.size)

    def reshape(self, *shape):
        """Returns: Tensor of another shape."""
        old = self.data.shape
        return self.record(self.data.reshape(*shape), (self, lambda g: g.reshape(old)))

    def transpose(self, *axes):
        """Returns: Tensor with permuted axes, or all of them reversed."""
        back = np.argsort(axes) if axes else None
        return self.record(self.data.transpose(*axes), (self, lambda g: g.transpose(back)))
