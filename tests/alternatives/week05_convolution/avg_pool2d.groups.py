# A convolution with equal weights, one group a channel.
def avg_pool2d(x, size, stride=None, padding=0):
    """Take the mean of every window, channel by channel."""
    kh, kw = pair(size)
    channels = x.shape[1]
    weight = np.full((channels, 1, kh, kw), 1 / (kh * kw), dtype=x.dtype)
    return conv2d_naive(
        x, weight, stride=size if stride is None else stride, padding=padding, groups=channels
    )
