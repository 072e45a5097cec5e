# Goes through the children; filter.
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

    def free(module):
        return list(filter(lambda p: p.requires_grad, module.parameters()))

    others = []
    for name, child in model.named_children():
        if name != "head":
            others += free(child)
    pairs = [(free(model.head), rate), (others, rate * factor)]
    return [{"params": params, "lr": speed} for params, speed in pairs if params]
