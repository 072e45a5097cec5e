# Finds modules by a dict of names; an ordered dict; default arguments.
def capture_activations(model, names, x):
    """Run a model once and keep what some of its modules give out.

    Args:
        model: an `nn.Module`; no hook of ours is left on it, and those of others stay.
        names: list of names of its modules, such as "features.0".
        x: a batch of inputs.

    Returns:
        dict: name -> output of that module, a copy without gradients.

    Raises:
        AttributeError: there is no module of that name.
    """
    modules = dict(model.named_modules())
    unknown = [name for name in names if name not in modules]
    if unknown:
        raise AttributeError(f"no module {unknown}")
    kept, hooks = {}, []
    for name in names:

        def save(m, i, o, name=name):
            kept[name] = o.clone().detach()

        hooks.append(modules[name].register_forward_hook(save))
    try:
        with torch.set_grad_enabled(False):
            model.forward(x)
    finally:
        while hooks:
            hooks.pop().remove()
    return kept
