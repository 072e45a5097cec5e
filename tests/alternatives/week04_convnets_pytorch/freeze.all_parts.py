# Every part gets a train of its own.
def freeze(module):
    """Fix a part of a network: no gradients, and evaluation mode for good.

    Args:
        module: an `nn.Module`, changed in place. A later `train()` on it, or on a model that
            holds it, leaves it in evaluation mode.

    Returns:
        The module.
    """
    for part in module.modules():
        part.requires_grad_(False)
        part.eval()
    for part in module.modules():
        part.train = lambda mode=True, part=part: part
    return module
