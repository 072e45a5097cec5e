# Selects the places that count, and reads the unmoved output at the places before the move.
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output."""
    output, of_moved = layer(x), layer(np.roll(x, shift, axis=(-2, -1)))
    height, width = output.shape[-2:]
    i = np.arange(margin, height - margin)[:, None]
    j = np.arange(margin, width - margin)
    before = output[:, :, (i - output_shift[0]) % height, (j - output_shift[1]) % width]
    return float(np.abs(of_moved[:, :, i, j] - before).max())
