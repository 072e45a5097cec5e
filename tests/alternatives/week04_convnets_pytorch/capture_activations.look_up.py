# Looks all modules up before it hangs anything on them.
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
    modules = [model.get_submodule(name) for name in names]
    kept = {}

    class Keep:
        def __init__(self, name):
            self.name = name

        def __call__(self, module, inputs, output):
            kept[self.name] = torch.clone(output.detach())

    pairs = zip(modules, names)
    handles = [module.register_forward_hook(Keep(name)) for module, name in pairs]
    try:
        with torch.inference_mode():
            model(x)
    finally:
        _ = [handle.remove() for handle in handles]
    return {name: value.clone() for name, value in kept.items()}
