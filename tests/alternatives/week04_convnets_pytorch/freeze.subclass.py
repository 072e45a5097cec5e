# Gives the object a class of its own whose train does nothing.
def freeze(module):
    """Fix a part of a network: no gradients, and evaluation mode for good.

    Args:
        module: an `nn.Module`, changed in place. A later `train()` on it, or on a model that
            holds it, leaves it in evaluation mode.

    Returns:
        The module.
    """
    kind = type(module)
    module.eval()
    frozen = type("Frozen" + kind.__name__, (kind,), {"train": lambda self, mode=True: self})
    module.__class__ = frozen
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module
