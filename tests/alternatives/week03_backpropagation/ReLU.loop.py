# Entry by entry, on flat lists.
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
        passed = []
        for z, g in zip(self.z.ravel(), gradient.ravel()):
            if z <= 0:
                passed.append(0.0)
            else:
                passed.append(g)
        return np.array(passed).reshape(self.z.shape)

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
