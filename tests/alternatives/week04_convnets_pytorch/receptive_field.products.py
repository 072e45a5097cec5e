# A sum over layers with the product of earlier strides.
def receptive_field(layers):
    """What one unit of the last layer sees of the picture, along one side.

    Args:
        layers: list of `Layer`, each "conv" or "pool", from the picture on.

    Returns:
        field: pixels that one unit sees, an int.
        jump: pixels between the fields of two neighbouring units, an int.
    """
    strides = [layer.stride for layer in layers]
    jumps = [math.prod(strides[:position]) for position in range(len(layers) + 1)]
    steps = (layer.dilation * (layer.kernel - 1) * j for layer, j in zip(layers, jumps))
    return 1 + sum(steps), jumps[-1]
