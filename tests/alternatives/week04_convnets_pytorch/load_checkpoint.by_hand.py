# Copies the weights entry by entry.
def load_checkpoint(blob, model, optimiser):
    """Put a run back to where a checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its weights are replaced.
        optimiser: of the same kind, for the model's parameters; its memory is replaced.

    Returns:
        Epochs done so far, an int.
    """
    content = torch.load(io.BytesIO(blob), weights_only=True)
    with torch.no_grad():
        for name, value in model.state_dict().items():
            value.copy_(content["model"][name])
    optimiser.load_state_dict(content["optimiser"])
    torch.set_rng_state(content["random"])
    epoch = content["epoch"]
    return epoch
