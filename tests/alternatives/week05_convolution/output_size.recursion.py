# Calls itself without padding, then without dilation.
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis."""
    if padding:
        return output_size(size + 2 * padding, kernel, stride, 0, dilation)
    if dilation > 1:
        return output_size(size, (kernel - 1) * dilation + 1, stride)
    if kernel > size:
        raise ValueError(f"{kernel} entries do not fit into {size} pixels")
    return 1 + (size - kernel) // stride
