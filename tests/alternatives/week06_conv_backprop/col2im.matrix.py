# Asks im2col where every pixel went.
def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add the entries of columns to the pixels that im2col would have copied them from."""
    N, C, H, W = shape
    numbered = np.arange(1.0, C * H * W + 1).reshape(1, C, H, W)
    where = im2col(numbered, kernel, stride, padding)[0].astype(int).ravel()
    flat = np.zeros((N, C * H * W + 1))
    for n in range(N):
        flat[n] = np.bincount(where, weights=columns[n].ravel(), minlength=C * H * W + 1)
    return flat[:, 1:].reshape(shape)
