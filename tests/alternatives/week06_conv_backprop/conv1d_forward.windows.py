# A view of all windows, and one product.
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
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2], axis=2)
    windows = windows[:, :, ::stride]
    return np.tensordot(windows, weight, axes=((1, 3), (1, 2))).swapaxes(1, 2) + bias[:, None]
