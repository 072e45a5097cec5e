# Rounds a quotient down, from the formula as it stands.
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
    quotient = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride
    if quotient < 0:
        raise ValueError("the window is too large")
    return math.floor(quotient) + 1
