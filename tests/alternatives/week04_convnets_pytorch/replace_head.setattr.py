# Sets the attribute by name.
def replace_head(model, classes):
    """Give a model a new last layer.

    Args:
        model: an `nn.Module` with an attribute `head`, an `nn.Linear`; changed in place.
        classes: how many there are now.

    Returns:
        The model.
    """
    width = model.head.in_features
    setattr(model, "head", nn.Linear(in_features=width, out_features=classes, bias=True))
    return model
