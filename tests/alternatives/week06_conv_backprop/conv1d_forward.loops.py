# One number at a time.
def conv1d_forward(x, weight, bias, stride=1, padding=0):
    """Convolve strips of several channels (cross-correlation, as deep learning has it).

    Args:
        x: input, float array of shape (N, C_in, T). Not modified.
        weight: kernels, array of shape (C_out, C_in, K).
        bias: array of shape (C_out,).
        stride: step of the window, at least 1.
        padding: zeros put on either side of every strip, at least 0.

    Returns:
        float64 array of shape (N, C_out, T_out).
    """
    samples, channels, size = x.shape
    outputs, _, length = weight.shape
    places = (size + 2 * padding - length) // stride + 1
    z = np.empty((samples, outputs, places))
    for n in range(samples):
        for m in range(outputs):
            for o in range(places):
                total = bias[m]
                for c in range(channels):
                    for k in range(length):
                        i = o * stride + k - padding
                        if 0 <= i < size:
                            total += weight[m, c, k] * x[n, c, i]
                z[n, m, o] = total
    return z
