# Looks data up late; spreads sums by repeating, and puts indexed gradients back one by one.
class Tensor(Variable):
    """A Variable with the operations of a network.

    Args:
        data, requires_grad, parents, pulls: as for Variable.
    """

    def __matmul__(self, other):
        other = self.wrap(other)
        first, second = self.data, other.data
        return self.record(
            first @ second, (self, lambda g: g @ second.T), (other, lambda g: first.T @ g)
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
            if axis is None:
                return np.full(shape, np.ravel(g)[0])
            axes = axis if isinstance(axis, tuple) else (axis,)
            axes = [a + len(shape) if a < 0 else a for a in axes]
            ones = [1 if k in axes else size for k, size in enumerate(shape)]
            g = np.reshape(g, ones)
            for a in axes:
                g = np.repeat(g, shape[a], axis=a)
            return g

        return self.record(self.data.sum(axis=axis, keepdims=keepdims), (self, spread))

    def exp(self):
        """Returns: Tensor of exponentials."""
        result = self.record(np.exp(self.data), (self, lambda g: g * result.data))
        return result

    def log(self):
        """Returns: Tensor of natural logarithms."""
        return self.record(np.log(self.data), (self, lambda g: g * self.data**-1.0))

    def relu(self):
        """Returns: Tensor with max(0, entry); the slope at 0 is 0."""
        result = self.record(
            np.where(self.data > 0, self.data, 0), (self, lambda g: (result.data > 0) * g)
        )
        return result

    def tanh(self):
        """Returns: Tensor of hyperbolic tangents."""
        t = np.tanh(self.data)
        return self.record(t, (self, lambda g: (1 - t) * (1 + t) * g))

    def __getitem__(self, index):
        shape = self.data.shape

        def put_back(g):
            places = np.arange(self.data.size).reshape(shape)[index]
            flat = [0.0] * self.data.size
            for place, piece in zip(np.ravel(places), np.ravel(g)):
                flat[place] += piece
            return np.array(flat).reshape(shape)

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
