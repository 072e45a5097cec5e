# One number at a time, without padding anything.
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
    dx, dweight, dbias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros(len(weight))
    for n, m, o in np.ndindex(upstream.shape):
        g = upstream[n, m, o]
        dbias[m] += g
        for c in range(x.shape[1]):
            for k in range(weight.shape[2]):
                i = o * stride + k - padding
                if 0 <= i < x.shape[2]:
                    dx[n, c, i] += g * weight[m, c, k]
                    dweight[m, c, k] += g * x[n, c, i]
    return dx, dweight, dbias
