# Writes through a slice of everything.
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
        if [p.shape for p in parameters] != [g.shape for g in gradients]:
            raise ValueError("every parameter needs one gradient of its own shape")
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter[...] = parameter - self.learning_rate * gradient
