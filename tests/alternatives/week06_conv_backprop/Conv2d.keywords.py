# Keeps a tuple, and names the arguments.
class Conv2d:
    """A convolution layer for pictures.

    Args:
        W: kernels, float array of shape (C_out, C_in, kH, kW); kept as it is, not copied.
        b: biases, float array of shape (C_out,); kept as it is, not copied.
        stride: step of the windows.
        padding: rows and columns of zeros on each side.

    Attributes:
        dW, db: slopes of the loss, of the shapes of W and b; set by `backward`.
    """

    def __init__(self, W, b, stride=1, padding=0):
        self.W = W
        self.b = b
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        """Convolve, and remember the input.

        Args:
            x: array of shape (N, C_in, H, W). Not modified.

        Returns:
            Array of shape (N, C_out, H_out, W_out).
        """
        self.remembered = (x, {"stride": self.stride, "padding": self.padding})
        return conv2d(x, self.W, self.b, **self.remembered[1])

    def backward(self, gradient):
        """Store the slopes of kernels and biases, and pass the gradient on.

        Args:
            gradient: slopes with respect to the output, (N, C_out, H_out, W_out). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, C_in, H, W).
        """
        x, settings = self.remembered
        results = conv2d_backward(gradient, x, self.W, **settings)
        self.dW, self.db = results[1:]
        return results[0]

    def parameters(self):
        """Returns: the list [W, b]."""
        return [self.W, self.b]

    def gradients(self):
        """Returns: the list [dW, db]."""
        return [self.dW, self.db]
