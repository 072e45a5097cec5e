# Loops over the kernel instead of the places.
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
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    places = (padded.shape[2] - weight.shape[2]) // stride + 1
    z = np.zeros((x.shape[0], weight.shape[0], places)) + bias[:, None]
    for k in range(weight.shape[2]):
        read = padded[:, :, k : k + stride * (places - 1) + 1 : stride]
        z = z + weight[:, :, k] @ read
    return z
