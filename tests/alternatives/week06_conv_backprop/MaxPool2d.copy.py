# Keeps a copy of the input.
class MaxPool2d:
    """Max pooling as a layer.

    Args:
        size: windows are size × size.
        stride: step of the windows; None means `size`.
        padding: rows and columns of −∞ on each side, at most size // 2.
    """

    def __init__(self, size, stride=None, padding=0):
        self.size = size
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        """Pool, and remember what the way back needs.

        Args:
            x: array of shape (N, C, H, W). Not modified.

        Returns:
            Array of shape (N, C, H_out, W_out).
        """
        self.input = x.copy()
        step = self.size if self.stride is None else self.stride
        return max_pool2d(x, self.size, step, self.padding)

    def backward(self, gradient):
        """Send each slope back to the first maximum of its window.

        Args:
            gradient: slopes with respect to the output, (N, C, H_out, W_out). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, C, H, W).
        """
        settings = {"stride": self.stride, "padding": self.padding}
        return max_pool2d_backward(gradient, self.input, self.size, **settings)

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
