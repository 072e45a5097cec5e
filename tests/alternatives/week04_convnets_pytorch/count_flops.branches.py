# One branch for each kind; no jump in the loop.
def count_flops(layers, channels, size):
    """Multiply-adds of one picture's way through a network.

    Args:
        layers: list of `Layer`; convolutions and pools first, then linear layers.
        channels: of the picture.
        size: side of the square picture in pixels.

    Returns:
        The number of multiply-adds, an int; biases, pools and activations count nothing.
    """
    cost = 0
    inputs = channels
    for layer in layers:
        k, s, p, d = layer.kernel, layer.stride, layer.padding, layer.dilation
        if layer.kind == "conv":
            size = output_size(size, k, s, p, d)
            cost = cost + size * size * layer.channels * k * k * inputs // layer.groups
            inputs = layer.channels
        elif layer.kind == "pool":
            size = output_size(size, k, s, p, d)
        else:
            cost = cost + inputs * size * size * layer.channels
            inputs, size = layer.channels, 1
    return cost
