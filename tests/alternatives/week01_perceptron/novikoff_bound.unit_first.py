# Makes the separator a unit vector first; einsum for the lengths; all() for the refusal.
def novikoff_bound(X, y, separator):
    """Bound the mistakes of Rosenblatt's rule."""
    if not all(label * (x @ separator) > 0 for x, label in zip(X, y)):
        raise ValueError("no room: a sample is on the wrong side or on the line")
    unit = separator / np.sqrt(separator @ separator)
    room = np.min(y * (X @ unit))
    return np.einsum("nd,nd->n", X, X).max() / room**2
