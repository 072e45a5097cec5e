# A shape (C, H, W) is handed on; costs in a list.
def count_flops(layers, channels, size):
    """Multiply-adds of one picture's way through a network.

    Args:
        layers: list of `Layer`; convolutions and pools first, then linear layers.
        channels: of the picture.
        size: side of the square picture in pixels.

    Returns:
        The number of multiply-adds, an int; biases, pools and activations count nothing.
    """
    shape, costs = (channels, size, size), []
    for layer in layers:
        before = math.prod(shape)
        if layer.kind == "linear":
            shape = (layer.channels, 1, 1)
            costs.append(before * layer.channels)
            continue
        settings = (layer.kernel, layer.stride, layer.padding, layer.dilation)
        sides = tuple(output_size(side, *settings) for side in shape[1:])
        if layer.kind == "conv":
            each = shape[0] * layer.kernel * layer.kernel // layer.groups
            shape = (layer.channels, *sides)
            costs.append(math.prod(shape) * each)
        else:
            shape = (shape[0], *sides)
    return int(sum(costs))
