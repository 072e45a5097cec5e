# Counts for one picture, and gives each its share of the weights.
def arithmetic_intensity(
    batch, inputs, outputs, side, kernel, *, stride=1, groups=1, number_bytes=4
):
    """FLOP for each byte that a convolution's forward pass moves."""
    after = math.floor((side + 2 * (kernel // 2) - kernel) / stride) + 1
    window = inputs // groups * kernel * kernel
    work = 2 * window * outputs * after * after
    moved = inputs * side * side + outputs * after * after + window * outputs / batch
    return work / moved / number_bytes
