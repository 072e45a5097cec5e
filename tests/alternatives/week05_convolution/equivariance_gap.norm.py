# The maximum norm.
def equivariance_gap(layer, x, shift, output_shift, margin):
    """Measure by how much a layer of a moved picture differs from the moved output."""
    moved = np.roll(x, shift=shift, axis=(-2, -1))
    difference = layer(moved) - np.roll(layer(x), shift=output_shift, axis=(-2, -1))
    end = [n - margin for n in difference.shape[-2:]]
    inside = difference[..., margin : end[0], margin : end[1]]
    return np.linalg.norm(inside.ravel(), ord=np.inf)
