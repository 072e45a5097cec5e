# Names everything; loads on the CPU first.
def load_checkpoint(blob, model, optimiser):
    """Put a run back to where a checkpoint was written.

    Args:
        blob: bytes as `save_checkpoint` gives them.
        model: an `nn.Module` of the same design; its weights are replaced.
        optimiser: of the same kind, for the model's parameters; its memory is replaced.

    Returns:
        Epochs done so far, an int.
    """
    content = torch.load(io.BytesIO(blob), map_location=torch.device("cpu"), weights_only=True)
    missing = model.load_state_dict(content["model"], strict=True)
    assert not missing.missing_keys
    optimiser.load_state_dict(state_dict=content["optimiser"])
    torch.random.set_rng_state(content["random"].to(torch.uint8))
    return content["epoch"]
