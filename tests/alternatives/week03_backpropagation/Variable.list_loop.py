# record in a loop; the pulls are named functions.
class Variable:
    """An array that remembers how it was computed.

    Args:
        data: number or array; becomes a float64 array.
        requires_grad: whether a gradient is wanted; constants say False.
        parents: the Variables that it was computed from, as far as they require a gradient.
        pulls: for each parent a function from the gradient of this node to that of the parent.

    Attributes:
        grad: None, or after `backward` an array of the shape of data (of leaves: no parents).
    """

    recording = True
    __array_ufunc__ = None  # so that NumPy hands `array * variable` over to us

    def __init__(self, data, requires_grad=True, parents=(), pulls=()):
        self.data = np.asarray(data, dtype=np.float64)
        self.requires_grad = requires_grad
        self.parents = parents
        self.pulls = pulls
        self.grad = None

    def wrap(self, other):
        """Returns: `other` itself if it is a Variable, otherwise a constant made of it."""
        return other if isinstance(other, Variable) else type(self)(other, requires_grad=False)

    def record(self, data, *edges):
        """Make the result of an operation.

        Args:
            data: array, what the operation computed.
            edges: pairs (parent, pull), one for each operand.

        Returns:
            A new object of type(self) that keeps the edges whose parent requires a gradient.
        """
        parents, pulls = (), ()
        if self.recording:
            for parent, pull in edges:
                if parent.requires_grad:
                    parents += (parent,)
                    pulls += (pull,)
        return type(self)(data, len(parents) > 0, parents, pulls)

    def pull(self, gradient):
        """Returns: the list of gradients of the parents, for a gradient of this node."""
        pulled = [pull(gradient) for pull in self.pulls]
        shapes = [parent.data.shape for parent in self.parents]
        pairs = zip(pulled, shapes, strict=True)
        return [g if g.shape == shape else unbroadcast(g, shape) for g, shape in pairs]

    def backward(self):
        """Add the slopes of this one number to `grad` of every leaf. Returns: None."""
        backpropagate(self)

    def __add__(self, other):
        other = self.wrap(other)

        def same(g):
            return g

        return self.record(self.data + other.data, (self, same), (other, same))

    def __mul__(self, other):
        other = self.wrap(other)
        first, second = self.data, other.data
        return self.record(
            first * second, (self, lambda g: g * second), (other, lambda g: g * first)
        )

    def __neg__(self):
        return self.record(-self.data, (self, lambda g: -g))

    def __pow__(self, exponent):
        base = self.data
        slope = lambda g: g * exponent * base ** (exponent - 1)  # noqa: E731
        return self.record(base**exponent, (self, slope))

    def __sub__(self, other):
        return self + -self.wrap(other)

    def __truediv__(self, other):
        return self * self.wrap(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self.wrap(other) / self
