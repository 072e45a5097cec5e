# Scales standard normal numbers.
def he(fan_in, fan_out, rng):
    """Draw weights."""
    return np.sqrt(2.0 / fan_in) * rng.standard_normal((fan_in, fan_out))
