# Goes back to the start of the buffer and reads; copies of the weights.
def save_checkpoint(model, optimiser, epoch):
    """Write down all that a run needs to go on.

    Args:
        model: an `nn.Module`; it stays as it is, its mode too.
        optimiser: of `torch.optim`.
        epoch: epochs done so far, an int.

    Returns:
        bytes of a dict with "model", "optimiser", "epoch" and "random", as `torch.save` writes it.
    """
    weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
    state = {"model": weights, "optimiser": optimiser.state_dict(), "epoch": int(epoch)}
    state["random"] = torch.random.get_rng_state()
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    return buffer.read()
