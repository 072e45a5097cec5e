# Keeps the columns instead of the picture.
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
        self.columns = im2col(x, self.W.shape[2:], self.stride, self.padding)
        self.shape = x.shape
        rows = (x.shape[2] + 2 * self.padding - self.W.shape[2]) // self.stride + 1
        z = self.W.reshape(len(self.W), -1) @ self.columns + self.b[:, None]
        return z.reshape(len(x), len(self.W), rows, -1)

    def backward(self, gradient):
        """Store the slopes of kernels and biases, and pass the gradient on.

        Args:
            gradient: slopes with respect to the output, (N, C_out, H_out, W_out). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, C_in, H, W).
        """
        g = gradient.reshape(*gradient.shape[:2], -1)
        self.db = g.sum(axis=(0, 2))
        self.dW = np.einsum("nml,nkl->mk", g, self.columns).reshape(self.W.shape)
        dcolumns = np.einsum("mk,nml->nkl", self.W.reshape(len(self.W), -1), g)
        return col2im(dcolumns, self.shape, self.W.shape[2:], self.stride, self.padding)

    def parameters(self):
        """Returns: the list [W, b]."""
        return [self.W, self.b]

    def gradients(self):
        """Returns: the list [dW, db]."""
        return [self.dW, self.db]
