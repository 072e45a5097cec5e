# Radius and room in helpers of their own, named as students name them.
def radius(X):
    """Length of the longest sample."""
    return max(np.hypot.reduce(x) for x in X)


def room(X, y, separator):
    """Smallest distance to the separator, positive on the right side."""
    unit = np.divide(separator, np.hypot.reduce(separator)) if np.any(separator) else separator
    return min(label * np.dot(x, unit) for x, label in zip(X, y, strict=True))


def novikoff_bound(X, y, separator):
    """Bound the mistakes of Rosenblatt's rule."""
    gamma = room(X, y, separator)
    if not gamma > 0:
        raise ValueError("no room")
    return np.square(radius(X) / gamma)
