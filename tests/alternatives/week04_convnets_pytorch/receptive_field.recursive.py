# Peels off the last layer.
def receptive_field(layers):
    """What one unit of the last layer sees of the picture, along one side.

    Args:
        layers: list of `Layer`, each "conv" or "pool", from the picture on.

    Returns:
        field: pixels that one unit sees, an int.
        jump: pixels between the fields of two neighbouring units, an int.
    """
    if not layers:
        return 1, 1
    field, jump = receptive_field(layers[:-1])
    last = layers[-1]
    return field + (last.kernel - 1) * last.dilation * jump, jump * last.stride
