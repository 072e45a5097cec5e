# Reads the number of inputs from the weights.
def replace_head(model, classes):
    """Give a model a new last layer.

    Args:
        model: an `nn.Module` with an attribute `head`, an `nn.Linear`; changed in place.
        classes: how many there are now.

    Returns:
        The model.
    """
    outputs, inputs = model.head.weight.shape
    model.head = nn.Linear(inputs, classes)
    return model
