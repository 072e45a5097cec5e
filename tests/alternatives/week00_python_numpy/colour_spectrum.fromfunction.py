# A function of row, column and channel, chosen by the channel.
def colour_spectrum(resolution):
    """Draw a square of blending colours."""
    last = resolution - 1

    def colour(row, column, channel):
        ramps = [column / last, row / last, (last - column) / last]
        return np.select([channel == 0, channel == 1, channel == 2], ramps)

    return np.fromfunction(colour, (resolution, resolution, 3))
