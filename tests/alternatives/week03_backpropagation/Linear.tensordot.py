# np.tensordot and np.dot; the slopes of the bias as row sums of the transpose.
class Linear:
    """A fully connected layer, Z = XW + b.

    Args:
        W: weights, float array of shape (D, M); kept as it is, not copied.
        b: biases, float array of shape (M,); kept as it is, not copied.

    Attributes:
        dW, db: slopes of the loss, of the shapes of W and b; set by `backward`.
    """

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, X):
        """Apply the layer and remember its input.

        Args:
            X: array of shape (N, D).

        Returns:
            Array of shape (N, M).
        """
        self.X = X
        return X @ self.W + self.b

    def backward(self, gradient):
        """Store the slopes of W and b, and pass the gradient on.

        Args:
            gradient: slopes of the loss with respect to the output, (N, M). Not modified.

        Returns:
            Slopes with respect to the input, array of shape (N, D).
        """
        self.dW = np.tensordot(self.X, gradient, axes=([0], [0]))
        self.db = np.array([sum(column) for column in gradient.T])
        input_gradient = np.dot(gradient, np.transpose(self.W))
        return input_gradient

    def parameters(self):
        """Returns: the list [W, b]."""
        return [self.W, self.b]

    def gradients(self):
        """Returns: the list [dW, db]."""
        return [self.dW, self.db]
