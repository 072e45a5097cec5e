# The tile numbers of row and column are added; an odd sum is white.
def checkerboard(resolution, tile):
    """Draw a square checkerboard whose top left tile is black."""
    if tile < 1:
        raise ValueError("tile")
    tiles, rest = divmod(resolution, tile)
    if tiles < 2 or rest or tiles % 2:
        raise ValueError("resolution")
    rows, columns = np.indices((resolution, resolution)) // tile
    return ((rows + columns) % 2).astype(float)
