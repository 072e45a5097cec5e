# A method bound to the object; parameters in a loop.
def freeze(module):
    """Fix a part of a network: no gradients, and evaluation mode for good.

    Args:
        module: an `nn.Module`, changed in place. A later `train()` on it, or on a model that
            holds it, leaves it in evaluation mode.

    Returns:
        The module.
    """

    def train(self, mode=True):
        return self

    for parameter in module.parameters():
        parameter.requires_grad = False
    module = module.train(False)
    module.train = train.__get__(module)
    return module
