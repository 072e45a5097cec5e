# Box and Muller from uniform numbers.
def he(fan_in, fan_out, rng):
    """Draw weights."""
    radius = np.sqrt(-2 * np.log1p(-rng.random((fan_in, fan_out))))
    return np.sqrt(2.0 / fan_in) * radius * np.cos(2 * np.pi * rng.random((fan_in, fan_out)))
