# Writes the bytes into a buffer; random numbers first.
def load_checkpoint(blob, model, optimiser):
    """Put a run back to where a checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its weights are replaced.
        optimiser: of the same kind, for the model's parameters; its memory is replaced.

    Returns:
        Epochs done so far, an int.
    """
    buffer = io.BytesIO()
    buffer.write(blob)
    buffer.seek(0)
    state = torch.load(buffer, weights_only=True, map_location="cpu")
    torch.random.set_rng_state(state["random"])
    optimiser.load_state_dict(state["optimiser"])
    model.load_state_dict(state["model"])
    return int(state["epoch"])
