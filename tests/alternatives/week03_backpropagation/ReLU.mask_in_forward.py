# Keeps the gate instead of the input, as numbers.
class ReLU:
    """The rectifier max(0, z), element by element."""

    def forward(self, z):
        """Apply the rectifier and remember its input.

        Args:
            z: float array of any shape.

        Returns:
            Array of the same shape.
        """
        self.mask = (z > 0).astype(float)
        return z * self.mask

    def backward(self, gradient):
        """Let the gradient through where the input was positive.

        Args:
            gradient: slopes with respect to the output, of the shape of z. Not modified.

        Returns:
            Slopes with respect to the input, of the same shape.
        """
        return self.mask * gradient

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
