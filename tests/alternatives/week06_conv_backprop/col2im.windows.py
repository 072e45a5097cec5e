# Adds one window after the other.
def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add the entries of columns to the pixels that im2col would have copied them from.

    Args:
        columns: array of shape (N, C·kH·kW, H_out·W_out), laid out as by `im2col`. Not modified.
        shape: the pictures' shape without padding, the tuple (N, C, H, W).
        kernel: the tuple (kH, kW).
        stride: step of the windows, down and across.
        padding: rows and columns of zeros that were put on each side.

    Returns:
        float64 array of shape (N, C, H, W): at each pixel the sum over all windows that read it.
    """
    count, channels, height, width = shape
    kH, kW = kernel
    across = (width + 2 * padding - kW) // stride + 1
    padded = np.zeros((count, channels, height + 2 * padding, width + 2 * padding))
    for number in range(columns.shape[2]):
        row, column = divmod(number, across)
        patch = columns[:, :, number].reshape(count, channels, kH, kW)
        top, left = row * stride, column * stride
        padded[:, :, top : top + kH, left : left + kW] += patch
    return padded[:, :, padding : padding + height, padding : padding + width]
