# train calls the old one with False.
def freeze(module):
    """Fix a part of a network: no gradients, and evaluation mode for good.

    Args:
        module: an `nn.Module`, changed in place. A later `train()` on it, or on a model that
            holds it, leaves it in evaluation mode.

    Returns:
        The module.
    """
    usual = module.train
    module.train = lambda *_, **__: usual(False)
    module.train()
    return module.requires_grad_(False)
