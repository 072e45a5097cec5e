# Copies all arrays once, then moves and restores single entries.
def check_gradients(f, arrays, h=1e-5):
    """Compare gradients with central differences, array by array."""
    _, analytic = f([array.copy() for array in arrays])
    moved = [array.copy() for array in arrays]
    errors = []
    for array, gradient in zip(moved, analytic):
        measured = np.empty_like(array)
        flat, slopes = array.reshape(-1), measured.reshape(-1)
        for i, here in enumerate(flat.copy()):
            flat[i] = here + h
            slopes[i] = f(moved)[0]
            flat[i] = here - h
            slopes[i] = (slopes[i] - f(moved)[0]) / (2 * h)
            flat[i] = here
        length = np.sqrt(np.sum(gradient**2)) + np.sqrt(np.sum(measured**2))
        errors.append(0.0 if length == 0 else np.sqrt(np.sum((gradient - measured) ** 2)) / length)
    return errors
