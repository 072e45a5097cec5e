# A function of its own for the bytes.
def save_checkpoint(model, optimiser, epoch):
    """Write down all that a run needs to go on.

    Args:
        model: an `nn.Module`; it stays as it is, its mode too.
        optimiser: of `torch.optim`.
        epoch: epochs done so far, an int.

    Returns:
        bytes of a dict with "model", "optimiser", "epoch" and "random", as `torch.save` writes it.
    """

    def as_bytes(content):
        with io.BytesIO() as file:
            torch.save(content, file)
            file.flush()
            return file.getvalue()

    state = [each.state_dict() for each in (model, optimiser)]
    return as_bytes(
        {
            "model": state[0],
            "optimiser": state[1],
            "epoch": torch.tensor(epoch).item(),
            "random": torch.get_rng_state(),
        }
    )
