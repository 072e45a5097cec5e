# np.copyto; strict zip tells the lengths apart.
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
        pairs = list(zip(parameters, gradients, strict=True))
        for parameter, gradient in pairs:
            if parameter.shape != gradient.shape:
                raise ValueError(f"{parameter.shape} is not {gradient.shape}")
        for parameter, gradient in pairs:
            np.copyto(parameter, parameter - self.learning_rate * gradient)
