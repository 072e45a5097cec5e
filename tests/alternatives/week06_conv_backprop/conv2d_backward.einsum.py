# The three sums as einsum writes them.
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
    columns = im2col(x, weight.shape[2:], stride, padding)
    g = upstream.reshape(*upstream.shape[:2], -1)
    rows = weight.reshape(weight.shape[0], -1)
    dweight = np.einsum("nml,nkl->mk", g, columns).reshape(weight.shape)
    dcolumns = np.einsum("mk,nml->nkl", rows, g)
    dx = col2im(dcolumns, x.shape, weight.shape[2:], stride, padding)
    return dx, dweight, upstream.sum(axis=(0, 2, 3))
