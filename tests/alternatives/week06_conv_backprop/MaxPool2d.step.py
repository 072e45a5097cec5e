# Settles the stride in the constructor.
class MaxPool2d:
    """Max pooling as a layer."""

    def __init__(self, size, stride=None, padding=0):
        self.size = size
        self.stride = stride or size
        self.padding = padding

    def forward(self, x):
        self.cache = (x, self.size, self.stride, self.padding)
        return max_pool2d(*self.cache)

    def backward(self, gradient):
        return max_pool2d_backward(gradient, *self.cache)

    def parameters(self):
        return []

    def gradients(self):
        return []
