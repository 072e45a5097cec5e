# Moves one entry of a float64 copy and puts the old value back from memory.
def numerical_gradient(f, x, h=1e-5):
    """Estimate the gradient of f at x by central differences."""
    moved = np.array(x, dtype=np.float64)
    slopes = []
    for position in range(moved.size):
        old = moved.flat[position]
        moved.flat[position] = old + h
        up = f(moved)
        moved.flat[position] = old - h
        down = f(moved)
        moved.flat[position] = old
        slopes.append((up - down) / (2 * h))
    return np.array(slopes, dtype=np.float64).reshape(moved.shape)
