# Lists the places by `range` and counts them.
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis."""
    reach = dilation * (kernel - 1) + 1
    places = range(0, size + 2 * padding - reach + 1, stride)
    if len(places) == 0:
        raise ValueError("the kernel does not fit")
    return len(places)
