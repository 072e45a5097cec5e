# Tanh and relu from the other operations, the rest as usual.
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
            if axis is None or keepdims:
                return np.zeros(shape) + g
            axes = axis if isinstance(axis, tuple) else (axis,)
            axes = sorted(a % len(shape) for a in axes)
            for a in axes:
                g = np.expand_dims(g, a)
            return np.zeros(shape) + g

        return self.record(self.data.sum(axis=axis, keepdims=keepdims), (self, spread))

    def exp(self):
        """Returns: Tensor of exponentials."""
        value = np.exp(self.data)
        return self.record(value, (self, lambda g: g * value))

    def log(self):
        """Returns: Tensor of natural logarithms."""
        data = self.data
        return self.record(np.log(data), (self, lambda g: g / data))

    def relu(self):
        """Returns: Tensor with max(0, entry); the slope at 0 is 0."""
        return self * (self.data > 0)

    def tanh(self):
        """Returns: Tensor of hyperbolic tangents."""
        result = self.record(np.tanh(self.data))
        if self.requires_grad and self.recording:
            result = self.record(result.data, (self, lambda g: g - g * np.tanh(self.data) ** 2))
        return result

    def __getitem__(self, index):
        shape = self.data.shape

        def put_back(g):
            gradient = np.zeros(shape)
            np.add.at(gradient, index, g)
            return gradient

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
