# A flat row of numbers, folded into the matrix.
def he(fan_in, fan_out, rng):
    """Draw weights."""
    sigma = (2.0 / fan_in) ** 0.5
    return rng.normal(loc=0, scale=sigma, size=fan_in * fan_out).reshape(fan_in, -1)
