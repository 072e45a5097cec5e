# The list of names is gone through by a comprehension.
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
    activations = {}

    def hook_for(name):
        return lambda module, args, out: activations.update({name: out.detach().clone()})

    handles = []
    try:
        handles.extend(
            model.get_submodule(name).register_forward_hook(hook_for(name)) for name in names
        )
        with torch.no_grad():
            _ = model(x)
        return activations
    finally:
        [handle.remove() for handle in handles]
