# Keeps the way back as a function.
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
        def back(gradient):
            return max_pool2d_backward(gradient, x, self.size, self.stride, self.padding)

        self.back = back
        return max_pool2d(x, self.size, self.stride, self.padding)

    def backward(self, gradient):
        """Send each slope back to the first maximum of its window.

        Args:
            gradient: slopes with respect to the output, (N, C, H_out, W_out). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, C, H, W).
        """
        return self.back(gradient)

    def parameters(self):
        """Returns: the empty list, there is nothing to learn."""
        return []

    def gradients(self):
        """Returns: the empty list."""
        return []
