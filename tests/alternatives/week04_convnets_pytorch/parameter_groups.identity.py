# Tells the head's parameters by identity.
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
    own = {id(p) for p in model.head.parameters()}
    free = [p for p in model.parameters() if p.requires_grad]
    groups = []
    for wanted, speed in ((True, rate), (False, factor * rate)):
        chosen = [p for p in free if (id(p) in own) == wanted]
        if chosen:
            groups.append({"params": chosen, "lr": speed})
    return groups
