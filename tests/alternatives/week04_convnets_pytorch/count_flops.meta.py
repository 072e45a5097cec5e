# Runs the network without memory and reads the shapes.
def count_flops(layers, channels, size):
    """Multiply-adds of one picture's way through a network.

    Args:
        layers: list of `Layer`; convolutions and pools first, then linear layers.
        channels: of the picture.
        size: side of the square picture in pixels.

    Returns:
        The number of multiply-adds, an int; biases, pools and activations count nothing.
    """
    x = torch.empty(1, channels, size, size, device="meta")
    total = 0
    for layer in layers:
        if layer.kind == "linear":
            total += x[0].numel() * layer.channels
            x = torch.empty(1, layer.channels, device="meta")
        elif layer.kind == "pool":
            h = output_size(x.shape[2], layer.kernel, layer.stride, layer.padding, layer.dilation)
            x = torch.empty(1, x.shape[1], h, h, device="meta")
        else:
            each = x.shape[1] // layer.groups
            weight = torch.empty(layer.channels, each, *[layer.kernel] * 2, device="meta")
            x = F.conv2d(x, weight, None, *layer[3:])
            total += x[0].numel() * weight[0].numel()
    return total
