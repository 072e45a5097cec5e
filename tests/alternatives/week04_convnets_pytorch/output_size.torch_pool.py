# Asks a pool on the meta device.
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
    row = torch.empty(1, 1, size + 2 * padding, device="meta")
    if row.shape[-1] < dilation * (kernel - 1) + 1:
        raise ValueError("the window is longer than the padded row")
    return len(F.max_pool1d(row, kernel, stride, 0, dilation)[0, 0])
