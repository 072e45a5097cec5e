# NumPy scalars in a tuple.
def receptive_field(layers):
    """What one unit of the last layer sees of the picture, along one side.

    Args:
        layers: list of `Layer`, each "conv" or "pool", from the picture on.

    Returns:
        field: pixels that one unit sees, an int.
        jump: pixels between the fields of two neighbouring units, an int.
    """
    jump = np.int64(1)
    field = np.int64(1)
    for _, _, kernel, stride, _, dilation, _ in layers:
        field = field + dilation * (kernel - 1) * jump
        jump = jump * stride
    return field, jump
