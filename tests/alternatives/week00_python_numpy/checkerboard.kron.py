# A small board of tile numbers, each tile blown up by a Kronecker product.
def checkerboard(resolution, tile):
    """Draw a square checkerboard whose top left tile is black."""
    if tile < 1 or resolution <= 0:
        raise ValueError("both must be positive")
    if resolution % (2 * tile) > 0:
        raise ValueError("the board does not come out even")
    n = resolution // tile
    small = np.add.outer(np.arange(n), np.arange(n)) & 1
    return np.kron(small, np.ones((tile, tile)))
