# A comparison gives the odd tiles; a helper function of its own; exclusive or of booleans.
def stripes(length, width):
    """Say for each position whether its stripe is odd."""
    return np.arange(length) % (2 * width) >= width


def checkerboard(resolution, tile):
    """Draw a square checkerboard whose top left tile is black."""
    if not (tile >= 1 and resolution >= 2 * tile and resolution % (2 * tile) == 0):
        raise ValueError(f"cannot draw {resolution} pixels in tiles of {tile}")
    line = stripes(resolution, tile)
    return np.logical_xor(line.reshape(-1, 1), line) * 1.0
