# Keys in another order, one after the other; pairs for the weights.
def save_checkpoint(model, optimiser, epoch):
    """Write down all that a run needs to go on.

    Args:
        model: an `nn.Module`; it stays as it is, its mode too.
        optimiser: of `torch.optim`.
        epoch: epochs done so far, an int.

    Returns:
        bytes of a dict with "model", "optimiser", "epoch" and "random", as `torch.save` writes it.
    """
    stream = io.BytesIO()
    checkpoint = {}
    checkpoint["random"] = torch.random.get_rng_state().clone()
    checkpoint["epoch"] = epoch
    checkpoint["optimiser"] = optimiser.state_dict()
    checkpoint["model"] = dict(model.state_dict().items())
    torch.save(checkpoint, f=stream)
    return bytes(stream.getbuffer())
