# An exit stack takes the hooks off.
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
    from contextlib import ExitStack

    result = {}
    with ExitStack() as stack, torch.no_grad():
        for name in names:

            def hook(_, __, output, key=name):
                result[key] = output.clone().detach()

            handle = model.get_submodule(name).register_forward_hook(hook)
            stack.callback(handle.remove)
        model(x)
    return result
