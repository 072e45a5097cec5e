# Scales standard normal numbers.
def xavier(fan_in, fan_out, rng):
    """Draw weights."""
    return np.sqrt(2.0 / (fan_in + fan_out)) * rng.standard_normal((fan_in, fan_out))
