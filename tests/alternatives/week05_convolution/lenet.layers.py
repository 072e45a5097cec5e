# A list of functions, one after the other.
def lenet(x, weights):
    """Run LeNet on pictures."""

    def dense(name):
        return lambda h: h @ weights[name + "_weight"] + weights[name + "_bias"]

    def conv(name, padding):
        return lambda h: conv2d(h, weights[name + "_weight"], weights[name + "_bias"], 1, padding)

    def relu(h):
        return np.where(h < 0, 0, h)

    def pool(h):
        return max_pool2d(h, (2, 2))

    def flatten(h):
        return h.reshape(h.shape[0], -1)

    for step in (
        conv("conv1", 2),
        relu,
        pool,
        conv("conv2", 0),
        relu,
        pool,
        flatten,
        dense("dense1"),
        relu,
        dense("dense2"),
        relu,
        dense("dense3"),
    ):
        x = step(x)
    return x
