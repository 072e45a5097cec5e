# Two list comprehensions over names.
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
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    top = [p for name, p in named if name in ("head.weight", "head.bias")]
    rest = [p for name, p in named if name not in ("head.weight", "head.bias")]
    groups = []
    if len(top) > 0:
        groups.append({"params": top, "lr": rate})
    if len(rest) > 0:
        groups.append({"params": rest, "lr": factor * rate})
    return groups
