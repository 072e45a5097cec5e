# The older file format; all entries seek and read.
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
    keys = ("model", "optimiser", "epoch", "random")
    values = (model.state_dict(), optimiser.state_dict(), epoch, torch.get_rng_state())
    torch.save(dict(zip(keys, values)), stream, _use_new_zipfile_serialization=False)
    stream.seek(0)
    return stream.read()
