# `-=` on the entries of the list.
class SGD:
    """Plain gradient descent.

    Args:
        learning_rate: the step size η.
    """

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def step(self, parameters, gradients):
        """Move every parameter against its gradient, in place.

        Args:
            parameters: list of float arrays; they are changed.
            gradients: list of as many arrays of the same shapes. Not modified.

        Returns:
            None.

        Raises:
            ValueError: the two lists differ in length or in a shape; then nothing was changed.
        """
        if len(parameters) != len(gradients) or not all(
            np.shape(p) == np.shape(g) for p, g in zip(parameters, gradients)
        ):
            raise ValueError("shapes differ")
        for i, gradient in enumerate(gradients):
            parameters[i] -= gradient * self.learning_rate
