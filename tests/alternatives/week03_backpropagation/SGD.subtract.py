# np.subtract with an output array; checks pair by pair before the first change.
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
        if len(parameters) != len(gradients):
            raise ValueError(f"{len(parameters)} parameters, {len(gradients)} gradients")
        for parameter, gradient in zip(parameters, gradients):
            if parameter.shape != gradient.shape:
                raise ValueError(f"shape {parameter.shape}, gradient {gradient.shape}")
        for parameter, gradient in zip(parameters, gradients, strict=True):
            np.subtract(parameter, self.learning_rate * gradient, out=parameter)
