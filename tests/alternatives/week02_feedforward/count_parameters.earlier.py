# Counts what no earlier place of the list holds.
def count_parameters(model):
    """Count the numbers that a model learns."""
    arrays = model.parameters()
    new = [a for i, a in enumerate(arrays) if all(a is not other for other in arrays[:i])]
    return sum(len(a.ravel()) for a in new)
