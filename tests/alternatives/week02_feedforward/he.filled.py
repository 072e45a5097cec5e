# An empty matrix, filled row by row.
def he(fan_in, fan_out, rng):
    """Draw weights."""
    variance = 2.0 / fan_in
    W = np.empty((fan_in, fan_out))
    for i in range(fan_in):
        for j in range(fan_out):
            W[i, j] = math.sqrt(variance) * rng.normal()
    return W
