# No root anywhere: squares of lengths; a Python float comes out.
def novikoff_bound(X, y, separator):
    """Bound the mistakes of Rosenblatt's rule."""
    signed = y[:, np.newaxis] * X
    margins = np.einsum("nd,d->n", signed, separator)
    if np.any(margins <= 0):
        raise ValueError(f"{int((margins <= 0).sum())} samples are not on their side")
    return float(np.max(np.sum(X**2, axis=1)) * np.sum(separator**2) / np.min(margins) ** 2)
