# einsum, np.maximum in place on own arrays, dict.get.
def lenet(x, weights):
    """Run LeNet on pictures."""
    get = weights.get
    h = conv2d(x, get("conv1_weight"), get("conv1_bias"), padding=(2, 2))
    np.maximum(h, 0, out=h)
    h = max_pool2d(h, 2)
    h = conv2d(h, get("conv2_weight"), get("conv2_bias"))
    np.maximum(h, 0, out=h)
    h = max_pool2d(h, 2).reshape(-1, 400)
    h = np.einsum("nd,dk->nk", h, get("dense1_weight")) + get("dense1_bias")
    h[h < 0] = 0
    h = np.einsum("nd,dk->nk", h, get("dense2_weight")) + get("dense2_bias")
    h[h < 0] = 0
    return np.einsum("nd,dk->nk", h, get("dense3_weight")) + get("dense3_bias")
