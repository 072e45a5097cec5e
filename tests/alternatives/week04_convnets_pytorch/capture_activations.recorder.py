# A class with a with block of its own.
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

    class Recorder:
        def __enter__(self):
            self.seen, self.handles = {}, []
            return self

        def listen(self, name):
            def keep(_module, _inputs, output):
                self.seen[name] = output.data.clone()

            self.handles.append(model.get_submodule(name).register_forward_hook(keep))

        def __exit__(self, *error):
            for handle in self.handles:
                handle.remove()

    with Recorder() as recorder:
        for name in names:
            recorder.listen(name)
        with torch.no_grad():
            model(x)
    return recorder.seen
