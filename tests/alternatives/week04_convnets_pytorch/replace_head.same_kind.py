# As the old one was: on its device, of its dtype.
def replace_head(model, classes):
    """Give a model a new last layer.

    Args:
        model: an `nn.Module` with an attribute `head`, an `nn.Linear`; changed in place.
        classes: how many there are now.

    Returns:
        The model.
    """
    where = {"device": model.head.weight.device, "dtype": model.head.weight.dtype}
    model.head = nn.Linear(model.head.in_features, classes, **where)
    return model
