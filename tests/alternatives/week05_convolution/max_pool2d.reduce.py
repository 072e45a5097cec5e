# np.maximum.reduce of the shifted pictures.
def max_pool2d(x, size, stride=None, padding=0):
    """Keep the largest value of every window, channel by channel."""
    k, p = pair(size), pair(padding)
    s = pair(stride or size)
    h, w = (output_size(n, *o) for n, o in zip(x.shape[2:], zip(k, s, p, strict=True), strict=True))
    padded = np.full((*x.shape[:2], x.shape[2] + 2 * p[0], x.shape[3] + 2 * p[1]), -np.inf, x.dtype)
    padded[:, :, p[0] : p[0] + x.shape[2], p[1] : p[1] + x.shape[3]] = x
    return np.maximum.reduce(
        [
            padded[:, :, a : a + s[0] * h : s[0], b : b + s[1] * w : s[1]]
            for a in range(k[0])
            for b in range(k[1])
        ]
    )
