# A local slope with a name, np.multiply.
class Sigmoid:
    """The logistic function 1 / (1 + exp(−z)), element by element."""

    def forward(self, z):
        """Apply the function and remember its output.

        Args:
            z: float array of any shape and size of numbers.

        Returns:
            Array of the same shape, from 0 to 1.
        """
        self.output = 0.5 * (1.0 + np.tanh(0.5 * z))
        return self.output

    def backward(self, gradient):
        """Multiply by the local slope.

        Args:
            gradient: slopes with respect to the output, of the shape of z. Not modified.

        Returns:
            Slopes with respect to the input, of the same shape.
        """
        slope = np.multiply(self.output, 1 - self.output)
        return np.multiply(slope, gradient)

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
