# im2col kept for the way back.
class Conv2d:
    """A convolution layer for pictures."""

    def __init__(self, W, b, stride=1, padding=0):
        self.W = W
        self.b = b
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        self.x_shape = x.shape
        self.columns = im2col(x, self.W.shape[2:], self.stride, self.padding)
        z = np.einsum("mk,nkl->nml", self.W.reshape(len(self.W), -1), self.columns)
        z += self.b.reshape(1, -1, 1)
        rows = (x.shape[2] + 2 * self.padding - self.W.shape[2]) // self.stride + 1
        return z.reshape(len(x), len(self.W), rows, -1)

    def backward(self, gradient):
        g = gradient.reshape(*gradient.shape[:2], -1)
        self.db = g.sum((0, 2))
        self.dW = np.einsum("nml,nkl->mk", g, self.columns).reshape(self.W.shape)
        back = np.einsum("mk,nml->nkl", self.W.reshape(len(self.W), -1), g)
        return col2im(back, self.x_shape, self.W.shape[2:], self.stride, self.padding)

    def parameters(self):
        return [self.W, self.b]

    def gradients(self):
        return [self.dW, self.db]
