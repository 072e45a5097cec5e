# Quotient and remainder of the room.
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """How many places a window has along one side of its input.

    Args:
        size: pixels along the side.
        kernel: entries of the window along the side.
        stride: step from place to place.
        padding: pixels added at each of the two ends.
        dilation: distance between neighbouring entries of the window.

    Returns:
        The number of places, an int.

    Raises:
        ValueError: the window does not fit once.
    """
    span = (kernel - 1) * dilation
    steps, _ = divmod(size + padding + padding - span - 1, stride)
    if steps < 0:
        raise ValueError
    return 1 + steps
