# Python's max over a loop.
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output."""
    moved_first = layer(np.roll(x, tuple(shift), axis=(2, 3)))
    moved_last = np.roll(np.roll(layer(x), output_shift[1], axis=3), output_shift[0], axis=2)
    n, f, height, width = moved_last.shape
    largest = 0.0
    for i in range(margin, height - margin):
        for j in range(margin, width - margin):
            largest = max(
                largest, float(np.max(np.abs(moved_first[:, :, i, j] - moved_last[:, :, i, j])))
            )
    return largest
