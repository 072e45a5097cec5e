# Column by column, a small patch each.
def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add the entries of columns to the pixels that im2col would have copied them from."""
    N, C, H, W = shape
    kH, kW = kernel
    canvas = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    number = 0
    for top in range(0, H + 2 * padding - kH + 1, stride):
        for left in range(0, W + 2 * padding - kW + 1, stride):
            canvas[:, :, top : top + kH, left : left + kW] += columns[:, :, number].reshape(
                N, C, kH, kW
            )
            number += 1
    bottom, right = canvas.shape[2] - padding, canvas.shape[3] - padding
    return canvas[:, :, padding:bottom, padding:right]
