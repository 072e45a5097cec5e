# A block of two by two tiles is built first and then repeated.
def checkerboard(resolution, tile):
    """Draw a square checkerboard whose top left tile is black."""
    if tile <= 0 or resolution <= 0 or resolution % (2 * tile):
        raise ValueError("resolution must be a positive multiple of 2 * tile")
    black = np.zeros((tile, tile))
    white = np.ones((tile, tile))
    block = np.concatenate(
        [np.concatenate([black, white], axis=1), np.concatenate([white, black], axis=1)]
    )
    repeats = resolution // (2 * tile)
    return np.tile(block, (repeats, repeats))
