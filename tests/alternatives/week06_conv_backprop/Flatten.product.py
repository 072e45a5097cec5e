# Computes the length of a row.
class Flatten:
    """Lays each picture out as a row."""

    def forward(self, x):
        """Reshape, and remember the shape.

        Args:
            x: array of shape (N, …), usually (N, C, H, W).

        Returns:
            The same numbers, one row a sample, in reading order: (N, C·H·W).
        """
        self.original = tuple(x.shape)
        length = int(np.prod(x.shape[1:]))
        return np.reshape(x, (x.shape[0], length)).copy()

    def backward(self, gradient):
        """Put the slopes back into the shape of the last input.

        Args:
            gradient: slopes with respect to the output, (N, C·H·W). Not modified.

        Returns:
            Slopes with respect to the input, of the shape of x.
        """
        return np.reshape(gradient, self.original)

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
