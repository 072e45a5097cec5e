# Keywords, a tuple, and None as long as nothing was fed.
class MaxPool2d:
    """Max pooling as a layer."""

    def __init__(self, size, stride=None, padding=0):
        self.size, self.stride, self.padding = size, stride, padding
        self.inputs = None

    def forward(self, x):
        self.inputs = x
        return max_pool2d(x=x, size=self.size, stride=self.stride, padding=self.padding)

    def backward(self, gradient):
        if self.inputs is None:
            raise RuntimeError("forward first")
        options = {"size": self.size, "stride": self.stride, "padding": self.padding}
        return max_pool2d_backward(upstream=gradient, x=self.inputs, **options)

    def parameters(self):
        return []

    def gradients(self):
        return []
