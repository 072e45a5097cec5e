# Draws the weights of one output after the other.
def xavier(fan_in, fan_out, rng):
    """Draw weights."""
    columns = [rng.normal(0.0, np.sqrt(2.0 / (fan_in + fan_out)), fan_in) for _ in range(fan_out)]
    return np.stack(columns, axis=1)
