# Sorts into a dict by the first part of the name.
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
    sorted_by = {True: [], False: []}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        sorted_by[name.split(".")[0] == "head"].append(parameter)
    rates = {True: rate, False: rate * factor}
    return [dict(lr=rates[key], params=sorted_by[key]) for key in (True, False) if sorted_by[key]]
