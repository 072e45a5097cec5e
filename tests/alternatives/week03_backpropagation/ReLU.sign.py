# The sign of the rectified input is the gate.
class ReLU:
    """The rectifier max(0, z), element by element."""

    def forward(self, z):
        """Apply the rectifier and remember its input.

        Args:
            z: float array of any shape.

        Returns:
            Array of the same shape.
        """
        self.z = z
        return np.maximum(0.0, z)

    def backward(self, gradient):
        """Let the gradient through where the input was positive.

        Args:
            gradient: slopes with respect to the output, of the shape of z. Not modified.

        Returns:
            Slopes with respect to the input, of the same shape.
        """
        return np.multiply(gradient, np.sign(np.maximum(self.z, 0)))

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
