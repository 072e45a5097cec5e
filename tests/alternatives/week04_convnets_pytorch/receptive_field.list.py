# A list comes back; spans as arrays.
def receptive_field(layers):
    """What one unit of the last layer sees of the picture, along one side.

    Args:
        layers: list of `Layer`, each "conv" or "pool", from the picture on.

    Returns:
        field: pixels that one unit sees, an int.
        jump: pixels between the fields of two neighbouring units, an int.
    """
    strides = np.array([1] + [layer.stride for layer in layers]).cumprod()
    spans = np.array([layer.dilation * (layer.kernel - 1) for layer in layers], dtype=int)
    return [int(1 + (spans * strides[:-1]).sum()), int(strides[-1])]
