# Drawn as PyTorch stores it, then turned round.
def xavier(fan_in, fan_out, rng):
    """Draw weights."""
    W = rng.standard_normal(size=(fan_out, fan_in))
    W *= np.sqrt(2.0 / (fan_in + fan_out))
    return W.T
