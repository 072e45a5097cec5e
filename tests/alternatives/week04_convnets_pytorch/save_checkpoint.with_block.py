# A buffer in a with block, keys by dict().
def save_checkpoint(model, optimiser, epoch):
    """Write down all that a run needs to go on.

    Args:
        model: an `nn.Module`; it stays as it is, its mode too.
        optimiser: of `torch.optim`.
        epoch: epochs done so far, an int.

    Returns:
        bytes of a dict with "model", "optimiser", "epoch" and "random", as `torch.save` writes it.
    """
    with io.BytesIO() as buffer:
        torch.save(
            dict(
                epoch=epoch,
                random=torch.get_rng_state(),
                optimiser=optimiser.state_dict(),
                model=model.state_dict(),
            ),
            buffer,
        )
        return buffer.getvalue()
