# All points as pairs, a norm along the last axis.
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask."""
    points = np.stack(np.meshgrid(range(resolution), range(resolution), indexing="xy"), axis=-1)
    return np.linalg.norm(points - np.asarray(centre, dtype=np.float64), axis=-1) <= radius
