# dx as a convolution of the spread-out slopes with the flipped kernel.
def conv1d_backward(upstream, x, weight, stride=1, padding=0):
    """Turn the slopes of a 1-D convolution's output into those of its input, kernels and biases.

    Args:
        upstream: slopes of the loss with respect to the output, (N, C_out, T_out). Not modified.
        x: input of the forward pass, array of shape (N, C_in, T). Not modified.
        weight: kernels, array of shape (C_out, C_in, K). Not modified.
        stride: as in the forward pass.
        padding: as in the forward pass.

    Returns:
        The tuple (dx, dweight, dbias), float64 arrays of the shapes of x, weight and bias.
    """
    samples, outputs, places = upstream.shape
    length, size = weight.shape[2], x.shape[2]
    spread = np.zeros((samples, outputs, size + 2 * padding - length + 1))
    spread[:, :, : stride * (places - 1) + 1 : stride] = upstream
    wide = np.pad(spread, ((0, 0), (0, 0), (length - 1, length - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, length, axis=2)
    dx = np.einsum("nmik,mck->nci", windows, weight[:, :, ::-1])[:, :, padding : padding + size]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    read = np.lib.stride_tricks.sliding_window_view(padded, length, axis=2)
    return dx, np.einsum("nmo,ncok->mck", spread, read), upstream.sum(axis=2).sum(axis=0)
