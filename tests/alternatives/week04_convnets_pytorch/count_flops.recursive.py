# The first layer, then the rest of the list.
def count_flops(layers, channels, size):
    """Multiply-adds of one picture's way through a network.

    Args:
        layers: list of `Layer`; convolutions and pools first, then linear layers.
        channels: of the picture.
        size: side of the square picture in pixels.

    Returns:
        The number of multiply-adds, an int; biases, pools and activations count nothing.
    """
    if not layers:
        return 0
    first, *rest = layers
    if first.kind == "linear":
        inputs = channels * size * size
        return inputs * first.channels + count_flops(rest, first.channels, 1)
    side = output_size(size, first.kernel, first.stride, first.padding, first.dilation)
    if first.kind == "pool":
        return count_flops(rest, channels, side)
    products = channels // first.groups * first.kernel**2
    return first.channels * side**2 * products + count_flops(rest, first.channels, side)
