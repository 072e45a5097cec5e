# Plain Python in one loop.
def novikoff_bound(X, y, separator):
    """Bound the mistakes of Rosenblatt's rule."""
    longest, smallest = 0.0, float("inf")
    for x, label in zip(X.tolist(), y.tolist()):
        longest = max(longest, sum(value * value for value in x))
        smallest = min(smallest, label * sum(a * b for a, b in zip(x, separator.tolist())))
    if smallest <= 0:
        raise ValueError("the samples are not separated")
    return longest * sum(u * u for u in separator.tolist()) / smallest**2
