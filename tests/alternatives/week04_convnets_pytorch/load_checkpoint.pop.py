# Takes the parts out of the dict; random numbers last but one.
def load_checkpoint(blob, model, optimiser):
    """Put a run back to where a checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its weights are replaced.
        optimiser: of the same kind, for the model's parameters; its memory is replaced.

    Returns:
        Epochs done so far, an int.
    """
    with io.BytesIO(blob) as file:
        state = dict(torch.load(file, weights_only=True))
    for target, key in ((model, "model"), (optimiser, "optimiser")):
        target.load_state_dict(state.pop(key))
    torch.set_rng_state(state.pop("random").cpu())
    (epoch,) = state.values()
    return epoch
