# By im2col and col2im, every channel a picture of its own.
def max_pool2d_backward(upstream, x, size, stride=None, padding=0):
    """Send each slope back to the first maximum of its window.

    Args:
        upstream: slopes with respect to the output, (N, C, H_out, W_out). Not modified.
        x: input of the forward pass, float array of shape (N, C, H, W). Not modified.
        size: windows are size × size.
        stride: step of the windows; None means `size`.
        padding: rows and columns of −∞ on each side, at most size // 2.

    Returns:
        float64 array of the shape of x.
    """
    if stride is None:
        stride = size
    count, channels, height, width = x.shape
    edge = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), edge, edge), constant_values=-np.inf)
    alone = padded.reshape(count * channels, 1, *padded.shape[2:])
    columns = im2col(alone, (size, size), stride)
    chosen = np.zeros(columns.shape)
    slopes = upstream.reshape(count * channels, 1, -1)
    np.put_along_axis(chosen, columns.argmax(axis=1)[:, None], slopes, axis=1)
    dx = col2im(chosen, alone.shape, (size, size), stride).reshape(padded.shape)
    return dx[:, :, padding : padding + height, padding : padding + width]
