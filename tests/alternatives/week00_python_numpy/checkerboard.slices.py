# Small boards by strided slices, enlarged by repeating rows and columns.
def checkerboard(resolution, tile):
    """Draw a square checkerboard whose top left tile is black."""
    if tile < 1 or resolution < 2 * tile or resolution % (2 * tile) != 0:
        raise ValueError(f"{resolution} is no positive multiple of 2 * {tile}")
    side = resolution // tile
    board = np.zeros((side, side), dtype=np.float64)
    board[::2, 1::2] = 1
    board[1::2, ::2] = 1
    return board.repeat(tile, axis=0).repeat(tile, axis=1)
