# A mask that is filled in by assignment.
def circle(resolution, radius, centre):
    """Draw a filled circle as a mask."""
    mask = np.full((resolution, resolution), False)
    places = np.indices((resolution, resolution))
    offset = places - np.array([centre[1], centre[0]], dtype=float)[:, None, None]
    mask[(offset * offset).sum(axis=0) <= radius * radius] = True
    return mask
