# Walks along the padded row.
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
    begin, places = -padding, 0
    while begin + dilation * (kernel - 1) < size + padding:
        places += 1
        begin += stride
    if places == 0:
        raise ValueError(f"no place for {kernel}")
    return places
