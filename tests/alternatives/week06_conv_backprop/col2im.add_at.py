# Sends numbers through im2col to learn where each entry belongs.
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
    places = np.arange(1.0, channels * height * width + 1).reshape(1, channels, height, width)
    target = im2col(places, kernel, stride, padding)[0].astype(int)
    flat = np.zeros((count, channels * height * width + 1))
    for n in range(count):
        np.add.at(flat[n], target, columns[n])
    return flat[:, 1:].reshape(shape)
