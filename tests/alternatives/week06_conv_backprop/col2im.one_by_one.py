# Number by number, nothing is padded.
def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add the entries of columns to the pixels that im2col would have copied them from."""
    N, C, H, W = shape
    across = (W + 2 * padding - kernel[1]) // stride + 1
    picture = np.zeros(shape)
    for row in range(columns.shape[1]):
        c, rest = divmod(row, kernel[0] * kernel[1])
        a, b = divmod(rest, kernel[1])
        for place in range(columns.shape[2]):
            o, q = divmod(place, across)
            i, j = o * stride + a - padding, q * stride + b - padding
            if 0 <= i < H and 0 <= j < W:
                picture[:, c, i, j] += columns[:, row, place]
    return picture
