# Options in a dictionary, slopes as properties.
class Conv2d:
    """A convolution layer for pictures."""

    def __init__(self, W, b, stride=1, padding=0):
        self.W = W
        self.b = b
        self.options = {"stride": stride, "padding": padding}
        self.slopes = {}

    def forward(self, x):
        self.memory = x.copy()
        return conv2d(x, self.W, self.b, **self.options)

    def backward(self, gradient):
        result = conv2d_backward(gradient, self.memory, self.W, **self.options)
        self.slopes = dict(zip(("x", "W", "b"), result, strict=True))
        return self.slopes["x"]

    @property
    def dW(self):
        return self.slopes["W"]

    @property
    def db(self):
        return self.slopes["b"]

    def parameters(self):
        return [self.W, self.b]

    def gradients(self):
        return [self.dW, self.db]
