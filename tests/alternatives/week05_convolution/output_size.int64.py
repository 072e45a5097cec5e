# Counts in NumPy's int64.
def output_size(size, kernel, stride=1, padding=0, dilation=1):
    """Count the places of a kernel along one axis."""
    room = np.int64(size + 2 * padding - dilation * (kernel - 1) - 1)
    if room < 0:
        raise ValueError("kernel too long")
    return np.floor_divide(room, stride) + 1
