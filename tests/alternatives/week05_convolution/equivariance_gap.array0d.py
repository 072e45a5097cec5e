# Returns an array without axes.
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output."""
    d = np.abs(layer(np.roll(x, shift, (2, 3))) - np.roll(layer(x), output_shift, (2, 3)))
    m = margin or None
    d = d[:, :, m : None if m is None else -m, m : None if m is None else -m]
    return np.asarray(d.max())
