# Divides as floating-point numbers and takes the floor.
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis."""
    places = int(np.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1))
    if size + 2 * padding < dilation * (kernel - 1) + 1:
        raise ValueError("the kernel does not fit")
    return places
