# From the last unit back to the picture.
def receptive_field(layers):
    """What one unit of the last layer sees of the picture, along one side.

    Args:
        layers: list of `Layer`, each "conv" or "pool", from the picture on.

    Returns:
        field: pixels that one unit sees, an int.
        jump: pixels between the fields of two neighbouring units, an int.
    """
    field, jump = 1, 1
    for layer in reversed(layers):
        field = (field - 1) * layer.stride + layer.dilation * (layer.kernel - 1) + 1
        jump = jump * layer.stride
    return field, jump
