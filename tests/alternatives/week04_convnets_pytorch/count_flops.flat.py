# Flattened once at the first linear layer; the formula written out.
def count_flops(layers, channels, size):
    """Multiply-adds of one picture's way through a network.

    Args:
        layers: list of `Layer`; convolutions and pools first, then linear layers.
        channels: of the picture.
        size: side of the square picture in pixels.

    Returns:
        The number of multiply-adds, an int; biases, pools and activations count nothing.
    """
    multiply_adds, flat = 0, None
    for kind, outputs, k, s, p, d, groups in layers:
        if kind != "linear":
            size = (size + 2 * p - d * (k - 1) - 1) // s + 1
            if kind == "conv":
                multiply_adds += outputs * size * size * k * k * (channels // groups)
                channels = outputs
        else:
            if flat is None:
                flat = channels * size * size
            multiply_adds += flat * outputs
            flat = outputs
    return multiply_adds
