# A mask over the inside, and np.amax.
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output."""
    a = layer(np.roll(x, shift, axis=(2, 3)))
    b = np.roll(layer(x), output_shift, (2, 3))
    mask = np.zeros(a.shape[2:], bool)
    mask[margin : a.shape[2] - margin, margin : a.shape[3] - margin] = True
    return np.amax(np.abs(a - b)[:, :, mask])
