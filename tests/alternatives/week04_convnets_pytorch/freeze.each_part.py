# Every part by itself, and a method in place of a lambda.
def freeze(module):
    """Fix a part of a network: no gradients, and evaluation mode for good.

    Args:
        module: an `nn.Module`, changed in place. A later `train()` on it, or on a model that
            holds it, leaves it in evaluation mode.

    Returns:
        The module.
    """
    for parameter in module.parameters():
        parameter.requires_grad = False

    def stay(mode=True):
        return module

    for part in module.modules():
        part.training = False
    object.__setattr__(module, "train", stay)
    return module
