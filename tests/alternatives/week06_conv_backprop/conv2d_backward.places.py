# A loop over output pixels as in one dimension, without col2im.
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
    kH, kW = weight.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dpadded, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
    for i, j in np.ndindex(upstream.shape[2:]):
        window = (
            slice(None),
            slice(None),
            slice(i * stride, i * stride + kH),
            slice(j * stride, j * stride + kW),
        )
        g = upstream[:, :, i, j]
        dpadded[window] += np.tensordot(g, weight, axes=1)
        dweight += np.tensordot(g.T, padded[window], axes=1)
    height, width = x.shape[2:]
    dx = dpadded[:, :, padding : padding + height, padding : padding + width]
    return dx, dweight, upstream.sum(axis=(0, 2, 3))
