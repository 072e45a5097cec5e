# dx by the given conv2d with the flipped kernels, on slopes spread out by the stride.
def conv2d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a convolution's output into those of its input, kernels and biases.

    Args:
        upstream: slopes with respect to the output, (N, C_out, H_out, W_out). Not modified.
        x: input of the forward pass, array of shape (N, C_in, H, W). Not modified.
        weight: kernels, array of shape (C_out, C_in, kH, kW). Not modified.
        stride: as in the forward pass.
        padding: as in the forward pass.

    Returns:
        The tuple (dx, dweight, dbias), float64 arrays of the shapes of x, weight and bias.
    """
    count, outputs, rows, across = upstream.shape
    kH, kW = weight.shape[2:]
    high, wide = x.shape[2] + 2 * padding, x.shape[3] + 2 * padding
    spread = np.zeros((count, outputs, high - kH + 1, wide - kW + 1))
    spread[:, :, : stride * (rows - 1) + 1 : stride, : stride * (across - 1) + 1 : stride] = upstream
    bordered = np.pad(spread, ((0, 0), (0, 0), (kH - 1, kH - 1), (kW - 1, kW - 1)))
    flipped = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    full = conv2d(bordered, flipped, np.zeros(x.shape[1]))
    dx = full[:, :, padding : high - padding, padding : wide - padding]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    swapped = conv2d(padded.swapaxes(0, 1), spread.swapaxes(0, 1), np.zeros(outputs))
    return dx, swapped.swapaxes(0, 1), upstream.sum(axis=(0, 2, 3))
