# Loops over the kernel instead of the places.
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
    places, size = upstream.shape[2], x.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    dpadded, dweight = np.zeros(padded.shape), np.empty(weight.shape)
    for k in range(weight.shape[2]):
        grid = slice(k, k + stride * (places - 1) + 1, stride)
        dpadded[:, :, grid] += weight[:, :, k].T @ upstream
        dweight[:, :, k] = np.tensordot(upstream, padded[:, :, grid], axes=((0, 2), (0, 2)))
    return dpadded[:, :, padding : padding + size], dweight, np.einsum("nmo->m", upstream)
