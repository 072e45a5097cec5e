# A set of the head's parameters; removes empty groups.
def parameter_groups(model, rate, factor):
    """Learning rates for fine-tuning: one for the head, a smaller one for all else.

    Args:
        model: an `nn.Module` with an attribute `head`.
        rate: learning rate of the head.
        factor: by which that of the other parameters is multiplied.

    Returns:
        List of dicts with "params" (a list of parameters that ask for gradients, at least one)
        and "lr" (a float): the head's group first.
    """
    head = set(model.head.parameters())
    groups = [
        {"lr": rate, "params": [p for p in model.head.parameters() if p.requires_grad]},
        {"lr": rate * factor, "params": [p for p in model.parameters() if p not in head]},
    ]
    groups[1]["params"] = [p for p in groups[1]["params"] if p.requires_grad]
    for group in list(groups):
        if not group["params"]:
            groups.remove(group)
    return groups
