# Moves the kernel on until it hangs over the end.
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis."""
    count, last = 0, dilation * (kernel - 1)
    while last < size + 2 * padding:
        count += 1
        last += stride
    if not count:
        raise ValueError("the kernel does not fit")
    return count
