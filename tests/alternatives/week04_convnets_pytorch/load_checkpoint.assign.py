# The weights assigned to the parameters.
def load_checkpoint(blob, model, optimiser):
    """Put a run back to where a checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its weights are replaced.
        optimiser: of the same kind, for the model's parameters; its memory is replaced.

    Returns:
        Epochs done so far, an int.
    """
    content = torch.load(io.BytesIO(bytes(blob)), weights_only=True)
    own = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    for name, value in content["model"].items():
        own[name].data = value.clone()
    optimiser.load_state_dict(content["optimiser"])
    torch.set_rng_state(content["random"])
    return content["epoch"]
