# Rolls one axis after the other, and cuts both before the difference.
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output."""
    first = layer(np.roll(np.roll(x, shift[0], axis=2), shift[1], axis=3))
    second = np.roll(np.roll(layer(x), output_shift[0], axis=2), output_shift[1], axis=3)
    if margin > 0:
        first = first[:, :, margin:-margin, margin:-margin]
        second = second[:, :, margin:-margin, margin:-margin]
    return np.max(np.abs(first - second))
